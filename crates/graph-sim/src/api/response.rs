//! An answer with the headers that Graph sends.

use super::error::GraphError;
use crate::limits::Usage;
use crate::simulator::Simulator;

#[derive(Debug)]
pub(crate) struct GraphResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) error: Option<GraphError>,
}

impl GraphResponse {
    pub(crate) fn json(body: Vec<u8>) -> Self {
        let headers = vec![
            ("content-type", "application/json; charset=UTF-8".to_owned()),
            ("cache-control", "private, no-cache, no-store, must-revalidate".to_owned()),
            ("expires", "Sat, 01 Jan 2000 00:00:00 GMT".to_owned()),
        ];
        Self { status: 200, headers, body, error: None }
    }

    pub(crate) fn redirect(url: &str) -> Self {
        Self { status: 302, headers: vec![("location", url.to_owned())], body: Vec::new(), error: None }
    }

    pub(crate) fn failed(sim: &Simulator, mut error: GraphError, version: &str) -> Self {
        error.subcode = error.subcode.filter(|_| !sim.varies().omit_subcodes);
        let trace_id = sim.trace_id();
        let mut headers = vec![
            ("content-type", "application/json; charset=UTF-8".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        if let Some(oauth_error) = error.www_authenticate {
            // The grammar of RFC 9110 is broken on purpose: it is Meta's form.
            let text: String =
                error.message.chars().filter(|character| !character.is_control() && *character != '"').collect();
            headers.push(("www-authenticate", format!("OAuth \"Facebook Platform\" \"{oauth_error}\" \"{text}\"")));
        }
        tracing::debug!(area = "graph", code = error.code, subcode = error.subcode, version, "call refused");
        Self { status: error.status, headers, body: error.body(sim.config.json_style, &trace_id), error: Some(error) }
    }

    pub(crate) fn add_common_headers(&mut self, sim: &Simulator, version: &str, usage: Option<Usage>) {
        let trace_id = sim.trace_id();
        self.headers.push(("facebook-api-version", version.to_owned()));
        self.headers.push(("x-fb-request-id", trace_id.clone()));
        self.headers.push(("x-fb-debug", trace_id.clone()));
        self.headers.push(("x-fb-trace-id", trace_id));
        if let Some(usage) = usage {
            let page = usage.page().and_then(|page| sim.world.page(page));
            self.headers.push(usage.header(page.map_or("", |page| page.id.as_str())));
        }
    }
}
