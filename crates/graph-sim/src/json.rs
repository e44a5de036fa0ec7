//! JSON written straight into a buffer, in the way Meta's serializer writes it.

use serde::{Deserialize, Serialize};

/// How strings are escaped, in answers and in webhook bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonStyle {
    /// ASCII only, as Meta writes: `\u00e4`, surrogate pairs, `\/`, `\u0040`, `\u0025`, `\u003C`.
    #[default]
    Meta,
    /// UTF-8 with the escapes that JSON demands.
    Plain,
}

/// For each byte, whether it begins something that is not written as it is. Full pages are megabytes of strings.
static META_ESCAPED: [bool; 256] = escaped(JsonStyle::Meta);
static PLAIN_ESCAPED: [bool; 256] = escaped(JsonStyle::Plain);

#[expect(clippy::indexing_slicing, clippy::as_conversions, reason = "at compile time")]
const fn escaped(style: JsonStyle) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = u8::MIN;
    loop {
        table[byte as usize] = match byte {
            b'"' | b'\\' => true,
            b'/' | b'@' | b'%' | b'<' => matches!(style, JsonStyle::Meta),
            b' '..=b'~' => false,
            _ => true,
        };
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

/// A writer that keeps the order in which keys are written, since Graph answers in the order of the fields asked for.
#[derive(Debug)]
pub(crate) struct JsonWriter {
    out: Vec<u8>,
    style: JsonStyle,
    needs_comma: bool,
}

impl JsonWriter {
    pub(crate) fn new(style: JsonStyle) -> Self {
        Self { out: Vec::with_capacity(1024), style, needs_comma: false }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.begin_object();
        members(self);
        self.end_object();
    }

    pub(crate) fn begin_object(&mut self) {
        self.comma();
        self.out.push(b'{');
        self.needs_comma = false;
    }

    pub(crate) fn end_object(&mut self) {
        self.out.push(b'}');
        self.needs_comma = true;
    }

    pub(crate) fn begin_array(&mut self) {
        self.comma();
        self.out.push(b'[');
        self.needs_comma = false;
    }

    pub(crate) fn end_array(&mut self) {
        self.out.push(b']');
        self.needs_comma = true;
    }

    pub(crate) fn key(&mut self, key: &str) {
        self.comma();
        self.quote(key);
        self.out.push(b':');
        self.needs_comma = false;
    }

    pub(crate) fn string(&mut self, value: &str) {
        self.comma();
        self.quote(value);
        self.needs_comma = true;
    }

    /// A value that another writer of the same style has written.
    pub(crate) fn written(&mut self, value: &[u8]) {
        self.comma();
        self.out.extend_from_slice(value);
        self.needs_comma = true;
    }

    pub(crate) fn number(&mut self, value: i64) {
        self.literal(&value.to_string());
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.literal(if value { "true" } else { "false" });
    }

    pub(crate) fn null(&mut self) {
        self.literal("null");
    }

    /// Any value that is known as a `serde_json::Value`, in this writer's style.
    pub(crate) fn value(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Null => self.null(),
            serde_json::Value::Bool(value) => self.boolean(*value),
            serde_json::Value::Number(value) => self.literal(&value.to_string()),
            serde_json::Value::String(value) => self.string(value),
            serde_json::Value::Array(values) => {
                self.begin_array();
                for value in values {
                    self.value(value);
                }
                self.end_array();
            }
            serde_json::Value::Object(members) => {
                self.begin_object();
                for (key, value) in members {
                    self.key(key);
                    self.value(value);
                }
                self.end_object();
            }
        }
    }

    pub(crate) fn string_member(&mut self, key: &str, value: &str) {
        self.key(key);
        self.string(value);
    }

    pub(crate) fn number_member(&mut self, key: &str, value: i64) {
        self.key(key);
        self.number(value);
    }

    pub(crate) fn boolean_member(&mut self, key: &str, value: bool) {
        self.key(key);
        self.boolean(value);
    }

    fn literal(&mut self, literal: &str) {
        self.comma();
        self.out.extend_from_slice(literal.as_bytes());
        self.needs_comma = true;
    }

    fn comma(&mut self) {
        if self.needs_comma {
            self.out.push(b',');
        }
    }

    fn quote(&mut self, text: &str) {
        self.out.push(b'"');
        let escaped = match self.style {
            JsonStyle::Meta => &META_ESCAPED,
            JsonStyle::Plain => &PLAIN_ESCAPED,
        };
        let mut rest = text;
        while !rest.is_empty() {
            // Most text is plain: it goes in one piece.
            let needs_escape = |byte: u8| escaped.get(usize::from(byte)).copied().unwrap_or(true);
            let plain = rest.bytes().position(needs_escape).unwrap_or(rest.len());
            let (piece, others) = rest.split_at_checked(plain).unwrap_or((rest, ""));
            self.out.extend_from_slice(piece.as_bytes());
            let mut characters = others.chars();
            if let Some(character) = characters.next() {
                self.escape(character);
            }
            rest = characters.as_str();
        }
        self.out.push(b'"');
    }

    fn escape(&mut self, character: char) {
        match (character, self.style) {
            ('"', _) => self.out.extend_from_slice(b"\\\""),
            ('\\', _) => self.out.extend_from_slice(b"\\\\"),
            ('\n', _) => self.out.extend_from_slice(b"\\n"),
            ('\r', _) => self.out.extend_from_slice(b"\\r"),
            ('\t', _) => self.out.extend_from_slice(b"\\t"),
            ('/', JsonStyle::Meta) => self.out.extend_from_slice(b"\\/"),
            ('@', JsonStyle::Meta) => self.out.extend_from_slice(b"\\u0040"),
            ('%', JsonStyle::Meta) => self.out.extend_from_slice(b"\\u0025"),
            // Printed in upper case in Meta's note on the signature, unlike the rest.
            ('<', JsonStyle::Meta) => self.out.extend_from_slice(b"\\u003C"),
            ('\0'..='\u{1f}' | '\u{7f}', _) => self.escape_unit(u16::try_from(u32::from(character)).unwrap_or(0)),
            (' '..='~', _) => self.out.push(u8::try_from(u32::from(character)).unwrap_or(b'?')),
            (_, JsonStyle::Meta) => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    self.escape_unit(*unit);
                }
            }
            (_, JsonStyle::Plain) => self.out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }

    fn escape_unit(&mut self, unit: u16) {
        self.out.extend_from_slice(b"\\u");
        for shift in [12, 8, 4, 0] {
            let digit = u32::from(unit >> shift) & 0xf;
            self.out.push(char::from_digit(digit, 16).map_or(b'0', |digit| u8::try_from(digit).unwrap_or(b'0')));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_value(value: &serde_json::Value, style: JsonStyle) -> Vec<u8> {
        let mut writer = JsonWriter::new(style);
        writer.value(value);
        writer.into_bytes()
    }

    #[test]
    fn meta_style_is_ascii_with_metas_escapes() {
        let text = "äöå https://ex.am/a <b> 100% a@b 🎉\u{7}";
        let written = write_value(&serde_json::json!({ "text": text }), JsonStyle::Meta);
        let written = String::from_utf8(written).unwrap();
        assert_eq!(
            written,
            r#"{"text":"\u00e4\u00f6\u00e5 https:\/\/ex.am\/a \u003Cb> 100\u0025 a\u0040b \ud83c\udf89\u0007"}"#
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap()["text"], text);
    }

    #[test]
    fn plain_style_is_utf8() {
        let written = write_value(&serde_json::json!(["ä/", 1, null, true, { "a": {} }]), JsonStyle::Plain);
        assert_eq!(String::from_utf8(written).unwrap(), r#"["ä/",1,null,true,{"a":{}}]"#);
    }
}
