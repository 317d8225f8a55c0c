//! The export of a bare handler, generated from the WIT file that functions are written against.

wasmtime::component::bindgen!({
    path: "wit",
    world: "updraft:lambda/function",
    exports: { default: async },
});
