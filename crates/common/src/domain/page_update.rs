//! Fields of a Page that are written to Facebook: what was asked for, and what became of it.

use serde::{Deserialize, Serialize};

/// A field that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageField {
    About,
    Phone,
    Website,
}

impl PageField {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Phone => "phone",
            Self::Website => "website",
        }
    }
}

/// What a run is to write; an empty text clears a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageUpdateRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// What such a run leaves in its row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageUpdateResult {
    pub applied: Vec<PageField>,
    pub refused: Vec<FieldRefusal>,
}

/// A field that Facebook did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRefusal {
    pub field: PageField,
    /// For the person who asked.
    pub detail: String,
}

/// Why a value is not sent to Facebook at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPageField {
    #[error("must have at most {0} characters")]
    TooLong(usize),
    #[error("must not have control characters")]
    ControlCharacter,
}

impl PageUpdateRequest {
    /// The fields that were named.
    pub fn fields(&self) -> Vec<(PageField, &str)> {
        let fields =
            [(PageField::About, &self.about), (PageField::Phone, &self.phone), (PageField::Website, &self.website)];
        fields.into_iter().filter_map(|(field, value)| Some((field, value.as_deref()?))).collect()
    }

    /// Bounds that no value of a Page exceeds; Facebook's own are undocumented, and it is the judge of all else.
    pub fn check(&self) -> Result<(), (PageField, InvalidPageField)> {
        for (field, value) in self.fields() {
            let most = match field {
                PageField::About => 5_000,
                PageField::Phone => 100,
                PageField::Website => 2_000,
            };
            if value.chars().count() > most {
                return Err((field, InvalidPageField::TooLong(most)));
            }
            let is_text = |character: char| !character.is_control() || field == PageField::About && character == '\n';
            if !value.chars().all(is_text) {
                return Err((field, InvalidPageField::ControlCharacter));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_named_is_written() {
        let request: PageUpdateRequest = serde_json::from_str(r#"{"about":"","phone":"+45 1"}"#).unwrap();
        assert_eq!(request.fields(), [(PageField::About, ""), (PageField::Phone, "+45 1")]);
        assert_eq!(serde_json::to_string(&request).unwrap(), r#"{"about":"","phone":"+45 1"}"#);
    }

    #[test]
    fn what_no_page_can_have_is_refused_here() {
        let website = |text: String| PageUpdateRequest { website: Some(text), ..PageUpdateRequest::default() }.check();
        assert_eq!(website("x".repeat(2_001)), Err((PageField::Website, InvalidPageField::TooLong(2_000))));
        assert_eq!(website("a\0b".to_owned()), Err((PageField::Website, InvalidPageField::ControlCharacter)));
        assert_eq!(website("https://nord.example".to_owned()), Ok(()));
    }
}
