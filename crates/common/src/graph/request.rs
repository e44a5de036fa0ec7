//! One call: sent with its token, bounded in time and size, counted, and read before it is judged.

use std::borrow::Cow;
use std::future::ready;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use metrics::{counter, histogram};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tracing::field::Empty;
use tracing::{Instrument, Span};
use url::Url;

use super::auth::GraphAuth;
use super::client::{API_VERSION, GraphClient};
use super::error::{Decision, Failure, GraphError, NetworkFault, failure_of_body};
use super::paging::{Page, WirePage};
use super::usage::Usage;
use crate::lenient::{self, Decode};

/// The longest answer that is read: 50 conversations of 25 messages take half a megabyte.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// An error is never longer; a longer body is searched for one only where the status says that it is one.
const LONGEST_ERROR: usize = 16 * 1024;

/// Which version answered: an expired one is not refused but served by the next (Graph API, "Platform versioning").
const VERSION_HEADER: &str = "facebook-api-version";

/// What a call gave, and what it cost.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    pub value: T,
    pub usage: Usage,
    /// Calls as Meta counts them: each item of a batch is one.
    pub calls: u32,
    /// Of the answer's body.
    pub bytes: u64,
}

impl<T> Answer<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: change(self.value), usage: self.usage, calls: self.calls, bytes: self.bytes }
    }
}

/// A call before it is sent. Tokens and secrets go into the header or the form, never into the address.
pub(super) struct Call<'a> {
    /// Its name in spans and metrics.
    name: &'static str,
    method: Method,
    path: Vec<&'a str>,
    query: Vec<(&'static str, Cow<'a, str>)>,
    form: Vec<(&'static str, Cow<'a, str>)>,
    file: Option<File<'a>>,
    auth: Option<&'a GraphAuth>,
    calls: u32,
}

impl<'a> Call<'a> {
    pub(super) fn new(name: &'static str, method: Method, path: &[&'a str]) -> Self {
        Self {
            name,
            method,
            path: path.to_vec(),
            query: Vec::new(),
            form: Vec::new(),
            file: None,
            auth: None,
            calls: 1,
        }
    }

    pub(super) fn get(name: &'static str, path: &[&'a str]) -> Self {
        Self::new(name, Method::GET, path)
    }

    pub(super) fn post(name: &'static str, path: &[&'a str]) -> Self {
        Self::new(name, Method::POST, path)
    }

    pub(super) fn auth(mut self, auth: &'a GraphAuth) -> Self {
        self.auth = Some(auth);
        self
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn form(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.form.push((name, value.into()));
        self
    }

    /// The form goes as multipart then.
    pub(super) fn file(mut self, file: File<'a>) -> Self {
        self.file = Some(file);
        self
    }

    pub(super) fn calls(mut self, calls: u32) -> Self {
        self.calls = calls;
        self
    }
}

/// A file within a form.
pub(super) struct File<'a> {
    pub(super) field: &'static str,
    pub(super) name: &'a str,
    pub(super) mime_type: &'a str,
    pub(super) bytes: Bytes,
}

impl GraphClient {
    /// Sends a call that is answered with an object.
    pub(super) async fn send<W: DeserializeOwned>(&self, call: Call<'_>) -> Result<Answer<W>, GraphError> {
        self.send_and(call, lenient::answer).await
    }

    /// Sends a call that is answered with one page of a list.
    pub(super) async fn send_page<T: Decode>(&self, call: Call<'_>) -> Result<Answer<Page<T>>, GraphError> {
        Ok(self.send_page_into(call, ready(())).await?.map(|(page, ())| page))
    }

    /// The same for a page that may be large: see [`send_and_into`](Self::send_and_into).
    pub(super) async fn send_page_into<T: Decode, R>(
        &self,
        call: Call<'_>,
        room: impl Future<Output = R>,
    ) -> Result<Answer<(Page<T>, R)>, GraphError> {
        let list = |body: &[u8]| lenient::answer(body).filter(WirePage::is_list).map(Page::from);
        self.send_and_into(call, list, room).await
    }

    /// Sends a call that is answered with `success`.
    pub(super) async fn send_change(&self, call: Call<'_>) -> Result<Answer<()>, GraphError> {
        let answer = self.send::<WireSuccess>(call).await?;
        match answer.value.success {
            Some(true) => Ok(answer.map(|_| ())),
            _ => Err(GraphError::refused(answer.usage, answer.calls)),
        }
    }

    /// Sends a call; `decode` makes the value from the body, or finds that it cannot.
    pub(super) async fn send_and<T>(
        &self,
        call: Call<'_>,
        decode: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Answer<T>, GraphError> {
        Ok(self.send_and_into(call, decode, ready(())).await?.map(|(value, ())| value))
    }

    /// The same where the answer may be large: `room` is awaited between its head and its body, which stays on its way
    /// until there is room for it. What takes Meta so long is over by then.
    async fn send_and_into<T, R>(
        &self,
        call: Call<'_>,
        decode: impl FnOnce(&[u8]) -> Option<T>,
        room: impl Future<Output = R>,
    ) -> Result<Answer<(T, R)>, GraphError> {
        let (name, calls, object) = (call.name, call.calls, call.path.first().copied().unwrap_or_default().to_owned());
        let request = self.request(call);
        let read = |status: StatusCode, usage: &Usage, body: &[u8]| {
            if (!status.is_success() || body.len() <= LONGEST_ERROR)
                && let Some(failure) = failure_of_body(body, status, usage)
            {
                return Err(failure);
            }
            decode(body).ok_or_else(|| Failure::of(Decision::Unreadable))
        };
        self.observed(name, &object, calls, self.exchange(request, calls, read, room)).await
    }

    /// Sends a request that is none of the Graph API's: `read` judges its answer alone.
    pub(super) async fn send_request<T>(
        &self,
        name: &'static str,
        request: RequestBuilder,
        calls: u32,
        read: impl FnOnce(StatusCode, &[u8]) -> Result<T, Failure>,
    ) -> Result<Answer<T>, GraphError> {
        let read = |status: StatusCode, _usage: &Usage, body: &[u8]| read(status, body);
        let exchange = self.exchange(request, calls, read, ready(()));
        Ok(self.observed(name, "", calls, exchange).await?.map(|(value, ())| value))
    }

    /// In a span, and counted.
    async fn observed<T>(
        &self,
        name: &'static str,
        object: &str,
        calls: u32,
        exchange: impl Future<Output = Result<Answer<T>, GraphError>>,
    ) -> Result<Answer<T>, GraphError> {
        let span = tracing::info_span!(
            "graph.call",
            otel.name = format!("graph.{name}"),
            otel.kind = "client",
            graph.call = name,
            graph.object = object,
            graph.calls = calls,
            outcome = Empty,
        );
        let started = Instant::now();
        let outcome = exchange.instrument(span.clone()).await;
        let label = outcome.as_ref().map_or_else(|error| error.decision.label(), |_| "ok");
        record(&span, name, label, calls, started);
        outcome
    }

    async fn exchange<T, R>(
        &self,
        request: RequestBuilder,
        calls: u32,
        read_body: impl FnOnce(StatusCode, &Usage, &[u8]) -> Result<T, Failure>,
        room: impl Future<Output = R>,
    ) -> Result<Answer<(T, R)>, GraphError> {
        let response = request.send().await.map_err(|error| GraphError::network(error, calls))?;
        let status = response.status();
        let usage = Usage::of_headers(response.headers());
        if let Some(served) = response.headers().get(VERSION_HEADER).and_then(|served| served.to_str().ok())
            && served != API_VERSION
        {
            self.note_other_version(served);
        }
        let room = room.await;
        let body = match read(response).await {
            Ok(Some(body)) => body,
            Ok(None) => return Err(GraphError::answered(Failure::of(Decision::Unreadable), status, usage, calls)),
            Err(error) => return Err(GraphError { usage, ..GraphError::network(error, calls) }),
        };
        match read_body(status, &usage, &body) {
            Ok(value) => Ok(Answer { value: (value, room), usage, calls, bytes: body.len() as u64 }),
            Err(failure) => Err(GraphError::answered(failure, status, usage, calls)),
        }
    }

    fn request(&self, call: Call<'_>) -> RequestBuilder {
        let mut url = self.base_url().clone();
        set_path(&mut url, &call.path);
        let mut request = self.http().request(call.method.clone(), url);
        let (mut query, mut form) = (call.query, call.form);
        if let Some(auth) = call.auth {
            request = request.bearer_auth(auth.token().expose());
            let proof = ("appsecret_proof", Cow::Borrowed(auth.proof()));
            if call.method == Method::POST { form.push(proof) } else { query.push(proof) }
        }
        if !query.is_empty() {
            request = request.query(&query);
        }
        match call.file {
            Some(file) => request.multipart(multipart(form, file)),
            None if call.method == Method::POST => request.form(&form),
            None => request,
        }
    }
}

fn multipart(form: Vec<(&'static str, Cow<'_, str>)>, file: File<'_>) -> Form {
    let fields = form.into_iter().fold(Form::new(), |fields, (name, value)| fields.text(name, value.into_owned()));
    let part = Part::stream(file.bytes).file_name(file.name.to_owned());
    // A type that no header can carry is none.
    let mut headers = HeaderMap::new();
    if let Ok(mime_type) = file.mime_type.parse() {
        headers.insert(CONTENT_TYPE, mime_type);
    }
    fields.part(file.field, part.headers(headers))
}

/// Each part becomes one segment, whatever characters it has.
fn set_path(url: &mut Url, path: &[&str]) {
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(API_VERSION).extend(path);
    }
}

/// The body, or nothing where it is longer than the limit.
async fn read(mut response: Response) -> Result<Option<Bytes>, reqwest::Error> {
    let declared = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    if declared > BODY_LIMIT {
        return Ok(None);
    }
    let mut body = BytesMut::with_capacity(declared);
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

fn record(span: &Span, name: &'static str, outcome: &'static str, calls: u32, started: Instant) {
    span.record("outcome", outcome);
    counter!("pagekeeper_graph_calls_total", "call" => name, "outcome" => outcome).increment(u64::from(calls));
    histogram!("pagekeeper_graph_call_duration_seconds", "call" => name).record(started.elapsed());
    span.in_scope(|| tracing::debug!(duration_ms = elapsed_ms(started), "called Graph"));
}

fn elapsed_ms(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// `true` in some of Meta's answers, `"true"` in others.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireSuccess {
    #[serde(deserialize_with = "lenient::truth")]
    success: Option<bool>,
}

impl GraphError {
    fn network(error: reqwest::Error, calls: u32) -> Self {
        let fault = if error.is_timeout() {
            NetworkFault::Timeout
        } else if error.is_connect() {
            NetworkFault::Connect
        } else {
            NetworkFault::Broken
        };
        let usage = Usage::default();
        Self {
            decision: Decision::Network(fault),
            meta: None,
            status: None,
            usage,
            calls,
            source: Some(error.without_url()),
        }
    }

    fn refused(usage: Usage, calls: u32) -> Self {
        Self::answered(Failure::of(Decision::Refused), StatusCode::OK, usage, calls)
    }

    pub(super) fn answered(failure: Failure, status: StatusCode, usage: Usage, calls: u32) -> Self {
        let Failure { decision, meta } = failure;
        Self { decision, meta, status: Some(status.as_u16()), usage, calls, source: None }
    }
}
