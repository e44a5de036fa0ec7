//! One line per event: as JSON for machines, or as text for people.
//!
//! A line carries its `area` (its own field, or its span's, or the module it comes from), the trace id where there is
//! a span, and the fields of all spans around it, the innermost winning.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::sync::OnceLock;

use chrono::{SecondsFormat, Utc};
use opentelemetry::trace::TraceContextExt;
use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::dispatcher::WeakDispatch;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// A longer text in a field is cut: a line must stay a line, whatever was sent to us.
const LONGEST_TEXT: usize = 2_000;

/// Where actix reports a caller's malformed request, at the level of our own errors.
const HTTP_PARSER: &str = "actix_http::h1::dispatcher";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Json,
    Text,
}

pub(super) struct LogLines<W> {
    service: &'static str,
    format: LogFormat,
    writer: W,
    /// The subscriber that this layer is part of: trace ids are asked from it.
    dispatch: OnceLock<WeakDispatch>,
}

impl<W> LogLines<W> {
    pub(super) fn new(service: &'static str, format: LogFormat, writer: W) -> Self {
        Self { service, format, writer, dispatch: OnceLock::new() }
    }
}

impl<S, W> Layer<S> for LogLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        let _ = self.dispatch.set(subscriber.downgrade());
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let span = context.event_span(event);
        let mut line = Line::new(event, span.as_ref());
        line.trace_id = span.as_ref().and_then(|span| self.trace_id(&span.id()));
        let mut text = match self.format {
            LogFormat::Json => line.json(self.service),
            LogFormat::Text => line.text(),
        };
        text.push('\n');
        // A log that cannot be written has no better place to complain.
        let _ = self.writer.make_writer_for(event.metadata()).write_all(text.as_bytes());
    }
}

impl<W> LogLines<W> {
    fn trace_id(&self, span: &Id) -> Option<String> {
        let dispatch = self.dispatch.get()?.upgrade()?;
        let context = tracing_opentelemetry::get_otel_context(span, &dispatch)?;
        let trace = context.span().span_context().clone();
        trace.is_valid().then(|| trace.trace_id().to_string())
    }
}

/// An event together with what its spans say.
struct Line<'a> {
    level: Level,
    target: &'a str,
    span: Option<&'static str>,
    trace_id: Option<String>,
    area: String,
    message: String,
    fields: Fields,
}

impl<'a> Line<'a> {
    fn new<S>(event: &Event<'a>, span: Option<&SpanRef<'_, S>>) -> Self
    where
        S: for<'b> LookupSpan<'b>,
    {
        let mut fields = Fields::default();
        for around in span.into_iter().flat_map(|span| span.scope().from_root()) {
            if let Some(own) = around.extensions().get::<Fields>() {
                fields.overlay(own);
            }
        }
        event.record(&mut fields);
        let target = event.metadata().target();
        let message = fields.take("message").map(plain).unwrap_or_default();
        let area = fields.take("area").map_or_else(|| area_of(target).to_owned(), plain);
        let level = match *event.metadata().level() {
            Level::ERROR if target.starts_with(HTTP_PARSER) => Level::WARN,
            level => level,
        };
        Self { level, target, span: span.map(SpanRef::name), trace_id: None, area, message, fields }
    }

    fn json(self, service: &str) -> String {
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true).into());
        line.insert("level".to_owned(), self.level.as_str().into());
        line.insert("service".to_owned(), service.into());
        line.insert("area".to_owned(), self.area.into());
        line.insert("message".to_owned(), self.message.into());
        line.insert("target".to_owned(), self.target.into());
        if let Some(span) = self.span {
            line.insert("span".to_owned(), span.into());
        }
        if let Some(trace_id) = self.trace_id {
            line.insert("trace_id".to_owned(), trace_id.into());
        }
        for (name, value) in self.fields.0 {
            line.entry(name).or_insert(value);
        }
        Value::Object(line).to_string()
    }

    fn text(self) -> String {
        let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut line = format!("{time} {:5} {}: {}", self.level, self.area, self.message);
        for (name, value) in self.fields.0 {
            let _ = write!(line, " {name}={value}");
        }
        if let Some(trace_id) = self.trace_id {
            let _ = write!(line, " trace_id={trace_id}");
        }
        line.replace(['\n', '\r'], " ")
    }
}

/// The area of an event that names none: the module below its crate for ours, the crate for others.
fn area_of(target: &str) -> &str {
    let mut path = target.split("::");
    let package = path.next().unwrap_or(target);
    match package.strip_prefix("pagekeeper_") {
        Some(own) => path.next().unwrap_or(own),
        None => package,
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// What a span or an event says, in the order in which it was said.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn insert(&mut self, field: &Field, value: Value) {
        match self.0.iter_mut().find(|(name, _)| *name == field.name()) {
            Some((_, earlier)) => *earlier = value,
            None => self.0.push((field.name(), value)),
        }
    }

    fn take(&mut self, wanted: &str) -> Option<Value> {
        let place = self.0.iter().position(|(name, _)| *name == wanted)?;
        Some(self.0.remove(place).1)
    }

    /// The same names again win over earlier ones.
    fn overlay(&mut self, inner: &Self) {
        for (name, value) in &inner.0 {
            match self.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, outer)) => outer.clone_from(value),
                None => self.0.push((name, value.clone())),
            }
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, cut(value).into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, cut(&format!("{value:?}")).into());
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
