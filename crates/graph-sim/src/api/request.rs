//! A Graph call as it was asked, whatever way its parameters came.

use std::fmt;

use super::subscriptions::HandshakeResult;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
    Other,
}

impl Method {
    pub(crate) fn parse(name: &str) -> Self {
        match name.to_ascii_uppercase().as_str() {
            "GET" | "HEAD" => Self::Get,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Other => "OTHER",
        }
    }

    /// As the "Unsupported … request" text has it.
    pub(crate) fn lower(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Delete => "delete",
            Self::Other => "request",
        }
    }
}

/// Query, form, JSON and multipart parameters together; of two with one name the first holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

/// Names only: values hold tokens and texts.
impl fmt::Debug for Params {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Params {
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    pub(crate) fn push_urlencoded(&mut self, encoded: &[u8]) {
        self.0.extend(url::form_urlencoded::parse(encoded).into_owned());
    }

    /// The members of a JSON object; those that are no strings keep their JSON text.
    pub(crate) fn push_json(&mut self, body: &[u8]) -> bool {
        let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) else { return false };
        self.0.extend(members.into_iter().map(|(name, value)| match value {
            serde_json::Value::String(text) => (name, text),
            other => (name, other.to_string()),
        }));
        true
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Present and not empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct GraphRequest {
    pub(crate) method: Method,
    /// As asked, like `v25.0`.
    pub(crate) version: Option<String>,
    /// Without the version.
    pub(crate) path: Vec<String>,
    pub(crate) params: Params,
    /// From the header `Authorization`.
    pub(crate) bearer: Option<String>,
    /// What addresses in the answer start with.
    pub(crate) base_url: String,
    /// How the callback answered, where the call is a subscription that was asked for.
    pub(crate) handshake: Option<HandshakeResult>,
}

impl GraphRequest {
    pub(crate) fn access_token(&self) -> Option<&str> {
        self.params.given("access_token").or(self.bearer.as_deref())
    }
}

/// Splits `/v25.0/me/accounts` into the version and the rest.
pub(crate) fn split_path(path: &str) -> (Option<String>, Vec<String>) {
    let mut segments: Vec<String> =
        path.split('/').filter(|segment| !segment.is_empty()).map(percent_decoded).collect();
    if segments.first().is_some_and(|first| is_version(first)) {
        let version = segments.remove(0);
        return (Some(version), segments);
    }
    (None, segments)
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').and_then(|numbers| numbers.split_once('.')).is_some_and(|(major, minor)| {
        [major, minor].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

fn percent_decoded(segment: &str) -> String {
    if !segment.contains('%') {
        return segment.to_owned();
    }
    // These stand for themselves in a path, unlike in a query.
    let query = segment.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(query.as_bytes()).next().map_or_else(String::new, |(decoded, _)| decoded.into_owned())
}
