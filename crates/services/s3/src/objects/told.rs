//! What `GetObject` and `HeadObject` say of an object, in members of the same names.

use updraft_kernel::AwsError;

use crate::errors::invalid_value;

/// # Errors
/// If what headers are to say instead of what is kept can't be said in one.
pub(crate) fn representable(asked: &[(&str, &Option<String>)]) -> Result<(), AwsError> {
    let latin = |text: &str| text.chars().all(|c| u32::from(c) <= 0xff);
    for (name, text) in asked.iter().filter_map(|(name, text)| Some((name, text.as_deref()?))) {
        if !latin(text) {
            return Err(invalid_value(name, text, "Header value cannot be represented using ISO-8859-1."));
        }
    }
    Ok(())
}

/// The output of that name, of what was seen and what the input asks for.
macro_rules! told {
    ($output:ident, $seen:expr, $input:expr) => {{
        let (seen, input) = (&$seen, &$input);
        let (object, about) = (&seen.object, &seen.object.about);
        $crate::objects::told::representable(&[
            ("response-cache-control", &input.response_cache_control),
            ("response-content-disposition", &input.response_content_disposition),
            ("response-content-encoding", &input.response_content_encoding),
            ("response-content-language", &input.response_content_language),
            ("response-content-type", &input.response_content_type),
        ])?;
        let or = |asked: &Option<String>, kept: &Option<String>| asked.clone().or_else(|| kept.clone());
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            last_modified: Some(seen.found.version.at),
            content_length: i64::try_from(seen.span.length).ok(),
            e_tag: Some(format!("\"{}\"", object.etag)),
            version_id: seen.version_id.clone(),
            cache_control: or(&input.response_cache_control, &about.cache_control),
            content_disposition: or(&input.response_content_disposition, &about.content_disposition),
            content_encoding: or(&input.response_content_encoding, &about.content_encoding),
            content_language: or(&input.response_content_language, &about.content_language),
            content_type: or(&input.response_content_type, &Some(about.content_type())),
            content_range: seen.partial.then(|| seen.span.text(object.size)),
            expires: input.response_expires.map($crate::objects::read::date).or_else(|| about.expires.clone()),
            website_redirect_location: about.redirect.clone(),
            metadata: Some(about.metadata.iter().cloned().collect()),
            storage_class: about.storage_class.as_deref().map(Into::into),
            parts_count: seen.parts_count.and_then(|count| i32::try_from(count).ok()),
            object_lock_mode: object.lock.retention.map(|kept| kept.mode.name().into()),
            object_lock_retain_until_date: object.lock.retention.map(|kept| kept.until),
            object_lock_legal_hold_status: object.lock.hold.map(|hold| $crate::objects::lock::status(hold).into()),
            tag_count: i32::try_from(about.tags.len()).ok().filter(|count| *count > 0),
            ..Default::default()
        };
        output.replication_status = seen.known.replication_status().map(Into::into);
        output.restore = seen.known.restore.and_then(|restore| restore.told(seen.now));
        $crate::objects::encryption::Encrypted::encrypted(&mut output, object.encryption);
        if input.checksum_mode == Some(updraft_api_s3::types::ChecksumMode::Enabled)
            && let Some(checksum) = &seen.checksum
        {
            $crate::objects::claims::Sums::tell(&mut output, checksum);
            output.checksum_type = object.checksum.as_ref().map(|whole| whole.kind().into());
        }
        output
    }};
}
pub(crate) use told;
