//! The client as one file: each that Node has to look for and read makes every start longer.

use std::fmt::Write as _;
use std::sync::LazyLock;

use updraft_exec::RuntimeFile;

const WARM: &str = include_str!("client/warm.mjs");
const MAIN: &str = include_str!("client/index.cjs");
const MODULES: [(&str, &str); 10] = [
    ("./classic.cjs", include_str!("client/classic.cjs")),
    ("./context.cjs", include_str!("client/context.cjs")),
    ("./errors.cjs", include_str!("client/errors.cjs")),
    ("./function.cjs", include_str!("client/function.cjs")),
    ("./log.cjs", include_str!("client/log.cjs")),
    ("./modern.cjs", include_str!("client/modern.cjs")),
    ("./pipes.cjs", include_str!("client/pipes.cjs")),
    ("./response-stream.cjs", include_str!("client/response-stream.cjs")),
    ("./runtime-api.cjs", include_str!("client/runtime-api.cjs")),
    ("./streaming.cjs", include_str!("client/streaming.cjs")),
];
/// `require` for what lies in the same file; what is first required runs then.
const LOADER: &str = "const require = ((outer, made) => function require(name) {
  if (!(name in modules)) {
    return outer(name);
  }
  if (!(name in made)) {
    made[name] = { exports: {} };
    modules[name](made[name], require);
  }
  return made[name].exports;
})(module.require.bind(module), {});
";

pub(crate) fn files() -> Vec<RuntimeFile> {
    let file =
        |name: &'static str, text: &'static str| RuntimeFile { name: name.into(), content: text.as_bytes().into() };
    vec![file("index.cjs", bundle()), file("warm.mjs", WARM)]
}

/// What Node is started with.
fn bundle() -> &'static str {
    static BUNDLE: LazyLock<String> = LazyLock::new(|| {
        let mut text = "\"use strict\";\nconst modules = {\n".to_owned();
        for (name, module) in MODULES {
            // Writing to a string can't fail.
            let _written = write!(text, "\"{name}\": (module, require) => {{\n{module}}},\n");
        }
        text + "};\n{\n" + LOADER + MAIN + "}\n"
    });
    &BUNDLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_that_one_requires_is_there() {
        let required = MODULES
            .iter()
            .map(|(_, text)| *text)
            .chain([MAIN])
            .flat_map(|text| text.split("require(\"./").skip(1))
            .filter_map(|rest| rest.split('"').next());
        let known: Vec<_> = MODULES.map(|(name, _)| name).into();
        assert!(required.into_iter().all(|name| known.contains(&&*format!("./{name}"))));
    }
}
