//! User metadata that isn't ASCII comes and goes as encoded words (RFC 2047).

/// What lies at rest for what was given: AWS reads encoded words, and writes those again that need to be.
pub(super) fn again(given: String) -> String {
    if !given.contains("=?") {
        return given;
    }
    match rfc2047_decoder::decode(given.as_bytes()) {
        Ok(read) => written(read),
        // What can't be read is kept as it is.
        Err(_) => given,
    }
}

fn written(text: String) -> String {
    let plain = |unit: &u16| matches!(unit, 0x20..=0x7e | 0x09 | 0x0a | 0x0d);
    let (all, ascii) = (text.encode_utf16().count(), text.encode_utf16().filter(plain).count());
    match ascii {
        _ if ascii == all => text,
        // Recorded: by what there is more of, not by what is shorter.
        _ if ascii > all - ascii => format!("=?UTF-8?Q?{}?=", quoted(&text)),
        _ => format!("=?UTF-8?B?{}?=", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, text)),
    }
}

fn quoted(text: &str) -> String {
    let one = |byte: u8| match byte {
        b' ' => "_".to_owned(),
        b'=' | b'_' | b'?' => format!("={byte:02X}"),
        0x21..=0x7e => char::from(byte).to_string(),
        _ => format!("={byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_those_that_need_to_be_are_written() {
        for (given, kept) in [
            ("plain = text?", "plain = text?"),
            ("=?UTF-8?B?YWJj?=", "abc"),
            ("=?utf-8?q?actually-ascii?=", "actually-ascii"),
            ("=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="),
            ("=?UTF-8?B?w4RNw4Raw5XDkSBTMw==?=", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="),
            ("=?UTF-8?Q?=00=01=02=03?=", "=?UTF-8?B?AAECAw==?="),
            ("=?UTF-8?Q?=FFa=FF?=", "=?UTF-8?B?77+9Ye+/vQ==?="),
            ("=?UTF-8?Q?test=5F=E2=80=94=5F2=3F.pdf?=", "=?UTF-8?Q?test=5F=E2=80=94=5F2=3F.pdf?="),
        ] {
            assert_eq!(again(given.to_owned()), kept, "{given}");
        }
    }
}
