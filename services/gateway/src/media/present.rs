//! How a file of a stranger's is shown: pictures, films and sounds as they are, everything else as a download. PURE.

use std::ops::Range;

use actix_web::http::header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use mime_guess::Mime;
use mime_guess::mime;

/// What is told of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Presented {
    pub(super) media_type: Mime,
    pub(super) disposition: ContentDisposition,
}

/// By what its store says of it.
pub(super) fn present(told: Option<&str>, name: Option<&str>) -> Presented {
    let told = told.and_then(|told| told.parse::<Mime>().ok());
    match told.filter(is_shown) {
        Some(media_type) => {
            let disposition = ContentDisposition { disposition: DispositionType::Inline, parameters: Vec::new() };
            Presented { media_type, disposition }
        }
        None => Presented {
            media_type: mime::APPLICATION_OCTET_STREAM,
            disposition: ContentDisposition {
                disposition: DispositionType::Attachment,
                parameters: vec![file_name(name.unwrap_or("file"))],
            },
        },
    }
}

/// Drawings in SVG can carry scripts.
fn is_shown(media_type: &Mime) -> bool {
    let is_medium = [mime::IMAGE, mime::VIDEO, mime::AUDIO].contains(&media_type.type_());
    is_medium && media_type.subtype() != mime::SVG && media_type.suffix() != Some(mime::XML)
}

/// Whatever the name holds, it is told in percent signs.
fn file_name(name: &str) -> DispositionParam {
    let charset = Charset::Ext("UTF-8".to_owned());
    DispositionParam::FilenameExt(ExtendedValue { charset, language_tag: None, value: name.as_bytes().to_vec() })
}

/// A range as players ask for it, of one part; anything else is not passed on.
pub(super) fn range(header: &str) -> Option<&str> {
    let (from, to) = header.strip_prefix("bytes=")?.split_once('-')?;
    let is_number = |text: &str| text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(from) && is_number(to) && !(from.is_empty() && to.is_empty())).then_some(header)
}

/// The bytes that a range asks for of a file of so many; none where it has none of them.
pub(super) fn part_of(range: &str, length: u64) -> Option<Range<u64>> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let part = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) => from..to.saturating_add(1).min(length),
        (Ok(from), Err(_)) => from..length,
        (Err(_), Ok(last)) => length.saturating_sub(last)..length,
        (Err(_), Err(_)) => return None,
    };
    (!part.is_empty()).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_carry_a_script_is_shown() {
        for shown in ["image/png", "image/jpeg", "video/mp4; codecs=avc1", "audio/mpeg"] {
            assert_eq!(present(Some(shown), None).disposition.to_string(), "inline", "{shown}");
        }
        for kept in ["text/html", "image/svg+xml", "application/xhtml+xml", "application/pdf", "nonsense", ""] {
            let presented = present(Some(kept), Some("a.html"));
            assert_eq!(presented.media_type, mime::APPLICATION_OCTET_STREAM, "{kept}");
            assert!(presented.disposition.to_string().starts_with("attachment; "), "{kept}");
        }
        assert_eq!(present(None, None).media_type, mime::APPLICATION_OCTET_STREAM);
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        let told = present(None, Some("x\"\r\nset-cookie: a=b\u{202e}.pdf")).disposition.to_string();
        assert!(told.is_ascii() && !told.contains(['\r', '\n']), "{told}");
    }

    #[test]
    fn a_part_is_inside_its_file() {
        for (range, part) in [
            ("bytes=0-", Some(0..10)),
            ("bytes=2-4", Some(2..5)),
            ("bytes=2-400", Some(2..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-300", Some(0..10)),
            ("bytes=10-", None),
            ("bytes=4-2", None),
            ("bytes=-0", None),
        ] {
            assert_eq!(part_of(range, 10), part, "{range}");
        }
    }

    #[test]
    fn a_range_is_one_part_in_bytes() {
        for good in ["bytes=0-", "bytes=10-20", "bytes=-5"] {
            assert_eq!(range(good), Some(good));
        }
        for bad in
            ["bytes=-", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=0-1\r\n", "bytes=99999999999999999999-"]
        {
            assert_eq!(range(bad), None, "{bad}");
        }
    }
}
