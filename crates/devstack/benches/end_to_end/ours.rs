//! Pagekeeper, as an open screen sees it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::StreamExt as _;
use pagekeeper_devstack::api::Api;
use pagekeeper_devstack::demo;
use pagekeeper_testkit::bench::{Latencies, open_loop};
use pagekeeper_testkit::{Poll, sign_webhook, wait_for};
use serde_json::{Value, json};

use crate::system::{FaultySystem, LIMIT};
use crate::waiting::Waiting;
use crate::{CUSTOMERS, MEASURED, PER_SECOND, WARM_UP, mid, webhook};

pub(crate) struct Pagekeeper {
    ingest: String,
    app_secret: String,
    page: String,
    /// Each customer's PSID and conversation.
    customers: Vec<(String, i64)>,
    api: Api,
    http: reqwest::Client,
    events: Arc<Waiting<i64>>,
}

impl Pagekeeper {
    /// With conversations of so many customers, and the event stream open.
    pub(crate) async fn prepare(system: &FaultySystem) -> Result<Self> {
        let api = system.logged_in(demo::PERSON).await;
        let connections = api.get_ok("/api/connections").await?;
        let page = connections["data"][0]["page_id"].as_str().context("no Page")?.to_owned();
        let psids = write_as_customers(system, &page).await?;
        let conversations = conversations(&api).await?;
        let customers = psids.into_iter().zip(conversations).collect();
        let events = Arc::new(Waiting::default());
        follow(&api, Arc::clone(&events)).await?;
        Ok(Self {
            ingest: system.stack.ingest().context("no ingest")?,
            app_secret: system.stack.secrets().app_secret.clone(),
            page,
            customers,
            api,
            http: crate::http_client()?,
            events,
        })
    }

    /// To the event, and to the message in the API's answer.
    pub(crate) async fn measure(self: &Arc<Self>) -> Result<(Latencies, Latencies)> {
        let to_event = Arc::new(Mutex::new(Vec::new()));
        let visible = open_loop(PER_SECOND, WARM_UP, MEASURED, |number| {
            let (ours, to_event) = (Arc::clone(self), Arc::clone(&to_event));
            async move {
                let event = ours.send(number).await?;
                to_event.lock().unwrap().push((number, event));
                Ok(())
            }
        })
        .await?;
        let warm = u32::try_from(WARM_UP.as_secs())? * PER_SECOND;
        let events = to_event
            .lock()
            .unwrap()
            .iter()
            .filter(|(number, _)| *number >= warm)
            .map(|(_, event)| *event)
            .collect::<Vec<_>>();
        Ok((Latencies::of(events)?, visible))
    }

    /// Ends when the API shows the message; answers how long its event took.
    async fn send(&self, number: u32) -> Result<Duration> {
        let (psid, conversation) = &self.customers[usize::try_from(number)? % self.customers.len()];
        let event = self.events.wait(*conversation);
        let started = Instant::now();
        let mid = mid(number);
        let body = webhook(&self.page, psid, &mid, chrono::Utc::now().timestamp_millis(), &mid);
        let signature = sign_webhook(&self.app_secret, &body);
        let request = self.http.post(format!("{}/api/webhook", self.ingest));
        let answer = request.header("x-hub-signature-256", signature).body(body).send().await?;
        ensure!(answer.status().is_success(), "webhook-ingest answered {}", answer.status());
        event.await?;
        let event = started.elapsed();
        let path = format!("/api/conversations/{conversation}/messages?limit=1");
        while self.api.get_ok(&path).await?["data"][0]["text"] != mid.as_str() {}
        Ok(event)
    }
}

/// The customers' PSIDs, once their names are known too.
async fn write_as_customers(system: &FaultySystem, page: &str) -> Result<Vec<String>> {
    let mut psids = Vec::new();
    for number in 0..CUSTOMERS {
        let message = json!({ "customer_name": format!("Customer {number}"), "text": text_of(number) });
        let answer = system.simulator.post(&format!("/_sim/pages/{page}/messages"), &message).await?;
        psids.push(answer["psid"].as_str().context("no PSID")?.to_owned());
    }
    wait_for("the customers' names", LIMIT, async || {
        let named = system.number("select count(*) from contacts where name like 'Customer %'").await;
        Poll::when((named == i64::from(CUSTOMERS)).then_some(()), format!("{named} are known"))
    })
    .await;
    Ok(psids)
}

fn text_of(number: u32) -> String {
    format!("the first message of {number}")
}

/// Each customer's conversation, by the text of its message.
async fn conversations(api: &Api) -> Result<Vec<i64>> {
    let mut found = vec![0; usize::try_from(CUSTOMERS)?];
    let mut cursor = String::new();
    while found.contains(&0) {
        let page = api.get_ok(&format!("/api/conversations?limit=100{cursor}")).await?;
        for conversation in page["data"].as_array().context("no list")? {
            let number = conversation["snippet"].as_str().and_then(|text| text.strip_prefix("the first message of "));
            if let Some(number) = number {
                found[number.parse::<usize>()?] = conversation["id"].as_i64().context("no id")?;
            }
        }
        cursor = format!("&cursor={}", page["next_cursor"].as_str().context("a customer's conversation is missing")?);
    }
    Ok(found)
}

/// Tells those who wait of each conversation that an event names.
async fn follow(api: &Api, waiting: Arc<Waiting<i64>>) -> Result<()> {
    let mut stream = api.stream("/api/events").await?.bytes_stream();
    stream.next().await.context("the event stream is closed")??;
    tokio::spawn(async move {
        let mut text = String::new();
        while let Some(Ok(bytes)) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&bytes));
            while let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let data: Value = data.and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
                let ids = data["conversation_ids"].as_array().into_iter().flatten().filter_map(Value::as_i64);
                for id in ids {
                    waiting.arrived(&id);
                }
                text = rest.to_owned();
            }
        }
    });
    Ok(())
}
