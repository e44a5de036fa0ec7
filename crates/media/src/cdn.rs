//! Meta's stores of files, asked without any token, cookie or word of who asks.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use pagekeeper_common::domain::media::MediaUrl;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderName, RANGE};
use reqwest::{StatusCode, redirect};
use url::Url;

use super::hosts::AllowedHosts;

/// Until a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Until the next bytes.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// Until the last byte.
const LIMIT: Duration = Duration::from_mins(5);

/// Redirects, each to an allowed host.
const REDIRECTS_MAX: usize = 3;

const MEBIBYTE: u64 = 1_024 * 1_024;

/// Fetches files from allowed hosts.
#[derive(Debug, Clone)]
pub struct Cdn {
    http: reqwest::Client,
    hosts: AllowedHosts,
    /// Bytes.
    longest: u64,
}

/// A file that is on its way.
pub struct File {
    pub is_part: bool,
    pub content_type: Option<String>,
    pub content_range: Option<String>,
    /// Bytes that come, where that was told.
    pub length: Option<u64>,
    response: reqwest::Response,
    longest: u64,
}

/// Why there is no file. What is told of it does not name the address.
#[derive(Debug, thiserror::Error)]
pub enum NoFile {
    #[error("its host is none that files are fetched from")]
    Host,
    /// A fresh address may help.
    #[error("its address has expired")]
    Expired,
    #[error("no such part")]
    Range,
    #[error("it is too large")]
    TooLarge,
    #[error("answered with status {0}")]
    Status(u16),
    #[error("not delivered")]
    Network(#[source] reqwest::Error),
}

/// Why there is no [`Cdn`].
#[derive(Debug, thiserror::Error)]
pub enum CdnError {
    #[error("{0:?} is no host")]
    Host(String),
    #[error("the client could not be made")]
    Client(#[source] reqwest::Error),
}

impl Cdn {
    /// Fetches from these hosts files of so many mebibytes at most. A host is allowed over TLS and with its sub-domains; one
    /// with a port, `host:port`, also without TLS. Needs rustls' provider installed.
    pub fn new(hosts: &[String], longest_mb: NonZeroU32) -> Result<Self, CdnError> {
        let hosts = AllowedHosts::parse(hosts).map_err(CdnError::Host)?;
        let allowed = hosts.clone();
        let follow = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() <= REDIRECTS_MAX && allowed.allow(attempt.url()) {
                attempt.follow()
            } else {
                attempt.stop()
            }
        });
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .read_timeout(READ_LIMIT)
            .timeout(LIMIT)
            .redirect(follow)
            .no_proxy()
            .referer(false)
            .user_agent(concat!("Pagekeeper/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| CdnError::Client(error.without_url()))?;
        Ok(Self { http, hosts, longest: u64::from(longest_mb.get()) * MEBIBYTE })
    }

    /// Begins to fetch a file, or a part of it.
    pub async fn fetch(&self, url: &MediaUrl, range: Option<&str>) -> Result<File, NoFile> {
        let url = Url::parse(url.expose()).ok().filter(|url| self.hosts.allow(url)).ok_or(NoFile::Host)?;
        let mut request = self.http.get(url);
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        let response = request.send().await.map_err(|error| NoFile::Network(error.without_url()))?;
        match response.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => File::new(response, self.longest),
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => Err(NoFile::Expired),
            StatusCode::RANGE_NOT_SATISFIABLE => Err(NoFile::Range),
            status => Err(NoFile::Status(status.as_u16())),
        }
    }
}

impl File {
    fn new(response: reqwest::Response, longest: u64) -> Result<Self, NoFile> {
        let header = |name: HeaderName| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (content_type, content_range) = (header(CONTENT_TYPE), header(CONTENT_RANGE));
        let length = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let whole = content_range.as_deref().and_then(|range| range.rsplit_once('/')?.1.parse().ok());
        if length.max(whole).is_some_and(|size: u64| size > longest) {
            return Err(NoFile::TooLarge);
        }
        let is_part = response.status() == StatusCode::PARTIAL_CONTENT;
        Ok(Self { is_part, content_type, content_range, length, response, longest })
    }

    /// The bytes as they come. One that did not tell its length is cut off where it grows too large.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, NoFile>> {
        stream::try_unfold((self.response, self.longest), |(mut response, left)| async move {
            let chunk = response.chunk().await.map_err(|error| NoFile::Network(error.without_url()))?;
            let Some(chunk) = chunk else { return Ok(None) };
            let left = left.checked_sub(chunk.len() as u64).ok_or(NoFile::TooLarge)?;
            Ok(Some((chunk, (response, left))))
        })
    }
}
