//! Exchanges, queues and bindings, as data; and their declaration. What the code's correctness needs stands in arguments
//! of the queues; what an operator may tune is left to policies.

use std::collections::BTreeMap;
use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{Connection, ExchangeKind};
use pagekeeper_contracts::v1::{ConnectPages, DisconnectPage, RefreshMedia, SyncPage};
use pagekeeper_contracts::{Contract, Exchange};

use crate::retry::{RetryLevels, level_name};
use crate::webhook_queues::{WebhookQueues, routing_key};

/// The net for workers that crash on a message. Failures are counted in a header of ours; this count also goes up for
/// the innocent messages that a crashing worker held.
const DELIVERY_LIMIT: i64 = 20;

/// For parked queues, where the broker's own default of 20 would drop what people look at often. None of the brokers that
/// we run on takes a word for "never" in an argument.
const NO_DELIVERY_LIMIT: i64 = 1_000_000_000;

/// Commands that somebody waits for.
pub const INTERACTIVE_COMMANDS: &str = "sync-worker.commands.interactive";
/// Quorum queues have no priorities before RabbitMQ 4, so what can wait has a queue of its own.
pub const BACKGROUND_COMMANDS: &str = "sync-worker.commands.background";

/// The queue of the webhooks that the publisher gave the routing key `entry.<index>`; there are as many as
/// [`WebhookQueues`] says.
pub fn webhook_queue(index: u16) -> String {
    match index {
        0 => "sync-worker.webhooks".to_owned(),
        _ => format!("sync-worker.webhooks.{index}"),
    }
}

/// Where a queue's messages end that no further try can help.
pub fn parked(queue: &str) -> String {
    format!("{queue}.parked")
}

/// Whose parked queue this is.
fn home(parked: &str) -> Option<&str> {
    parked.strip_suffix(".parked")
}

/// Everything durable on the broker, in the order in which it is declared: a queue's messages may be dead-lettered from
/// its first moment, and a missing target would hold them back for minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    pub exchanges: Vec<ExchangeSpec>,
    pub queues: Vec<QueueSpec>,
    pub bindings: Vec<Binding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeSpec {
    pub name: String,
    pub routing: Routing,
}

/// How an exchange chooses queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// By the words of the routing key.
    Topic,
    /// All that are bound.
    Fanout,
}

impl Routing {
    /// As AMQP names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Fanout => "fanout",
        }
    }

    fn kind(self) -> ExchangeKind {
        match self {
            Self::Topic => ExchangeKind::Topic,
            Self::Fanout => ExchangeKind::Fanout,
        }
    }
}

/// All are durable quorum queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSpec {
    pub name: String,
    pub arguments: BTreeMap<&'static str, Argument>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    Text(String),
    Number(i64),
    Flag(bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub exchange: String,
    pub queue: String,
    pub routing_key: String,
}

impl Topology {
    pub fn new(levels: &RetryLevels, webhook_queues: WebhookQueues) -> Self {
        let mut topology = Self { exchanges: Vec::new(), queues: Vec::new(), bindings: Vec::new() };
        for exchange in Exchange::ALL {
            topology.exchange(exchange.name(), Routing::Topic);
        }
        for delay in levels.delays() {
            topology.retry_level(*delay);
        }
        for index in webhook_queues.indices() {
            // One consumer at a time: two workers on the same Pages' rows only wait for each other.
            let single = Some(("x-single-active-consumer", Argument::Flag(true)));
            topology.work_queue(&webhook_queue(index), single, Exchange::Webhooks, &[&routing_key(index)]);
        }
        let awaited = SyncPage { interactive: true, ..SyncPage::default() }.routing_key();
        let interactive = [ConnectPages::TYPE, DisconnectPage::TYPE, &awaited, RefreshMedia::TYPE];
        topology.work_queue(INTERACTIVE_COMMANDS, None, Exchange::Commands, &interactive);
        topology.work_queue(BACKGROUND_COMMANDS, None, Exchange::Commands, &[SyncPage::TYPE]);
        topology
    }

    /// The queues that have a parked queue, by name.
    pub fn work_queues(&self) -> impl Iterator<Item = &str> {
        self.queues.iter().filter_map(|queue| home(&queue.name))
    }

    /// What one queue needs to be there and to get its messages; nothing if it is none of these.
    pub(crate) fn of_queue(&self, name: &str) -> Self {
        let wanted = [name.to_owned(), parked(name)];
        let bindings: Vec<Binding> = self.bindings.iter().filter(|binding| binding.queue == name).cloned().collect();
        let is_bound = |exchange: &&ExchangeSpec| bindings.iter().any(|binding| binding.exchange == exchange.name);
        Self {
            exchanges: self.exchanges.iter().filter(is_bound).cloned().collect(),
            queues: self.queues.iter().filter(|queue| wanted.contains(&queue.name)).cloned().collect(),
            bindings,
        }
    }

    fn exchange(&mut self, name: &str, routing: Routing) {
        self.exchanges.push(ExchangeSpec { name: name.to_owned(), routing });
    }

    /// The fanout exchange keeps the routing key, which is the home queue's name; the level's queue dead-letters to the
    /// default exchange without a key of its own, so after its time the message goes home.
    fn retry_level(&mut self, delay: Duration) {
        let name = level_name(delay);
        self.exchange(&name, Routing::Fanout);
        // On the queue and not per message: a quorum queue looks only at its head.
        let time_to_live = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        let arguments = [("x-message-ttl", Argument::Number(time_to_live))];
        self.queue(name.clone(), dead_lettering().into_iter().chain(arguments));
        self.bindings.push(Binding { exchange: name.clone(), queue: name, routing_key: String::new() });
    }

    fn work_queue(
        &mut self,
        name: &str,
        more: Option<(&'static str, Argument)>,
        exchange: Exchange,
        routing_keys: &[&str],
    ) {
        self.queue(parked(name), [("x-delivery-limit", Argument::Number(NO_DELIVERY_LIMIT))]);
        let own = [
            ("x-delivery-limit", Argument::Number(DELIVERY_LIMIT)),
            ("x-dead-letter-routing-key", Argument::Text(parked(name))),
        ];
        self.queue(name.to_owned(), dead_lettering().into_iter().chain(own).chain(more));
        self.bindings.extend(routing_keys.iter().map(|routing_key| Binding {
            exchange: exchange.name().to_owned(),
            queue: name.to_owned(),
            routing_key: (*routing_key).to_owned(),
        }));
    }

    fn queue(&mut self, name: String, arguments: impl IntoIterator<Item = (&'static str, Argument)>) {
        let quorum = ("x-queue-type", Argument::Text("quorum".to_owned()));
        self.queues.push(QueueSpec { name, arguments: arguments.into_iter().chain([quorum]).collect() });
    }

    /// Idempotent. On a channel of its own: a declaration that the broker refuses closes the channel.
    pub(crate) async fn declare(&self, connection: &Connection) -> Result<(), lapin::Error> {
        let channel = connection.create_channel().await?;
        for exchange in &self.exchanges {
            let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
            let name = exchange.name.as_str().into();
            channel.exchange_declare(name, exchange.routing.kind(), options, FieldTable::default()).await?;
        }
        for queue in &self.queues {
            let options = QueueDeclareOptions::durable();
            channel.queue_declare(queue.name.as_str().into(), options, queue.table()).await?;
        }
        for Binding { exchange, queue, routing_key } in &self.bindings {
            let (queue, exchange, routing_key) = (queue.as_str(), exchange.as_str(), routing_key.as_str());
            let options = QueueBindOptions::default();
            channel
                .queue_bind(queue.into(), exchange.into(), routing_key.into(), options, FieldTable::default())
                .await?;
        }
        channel.close(200, "declared".into()).await
    }
}

/// To the default exchange, and without loss: the message stays until its target has confirmed it. Needs an overflow that
/// does not drop.
fn dead_lettering() -> [(&'static str, Argument); 3] {
    [
        ("x-dead-letter-exchange", Argument::Text(String::new())),
        ("x-dead-letter-strategy", Argument::Text("at-least-once".to_owned())),
        ("x-overflow", Argument::Text("reject-publish".to_owned())),
    ]
}

impl QueueSpec {
    fn table(&self) -> FieldTable {
        let mut table = FieldTable::default();
        for (name, argument) in &self.arguments {
            table.insert((*name).into(), argument.value());
        }
        table
    }
}

impl Argument {
    fn value(&self) -> AMQPValue {
        match self {
            Self::Text(text) => AMQPValue::LongString(LongString::from(text.as_str())),
            Self::Number(number) => AMQPValue::LongLongInt(*number),
            Self::Flag(flag) => AMQPValue::Boolean(*flag),
        }
    }
}

#[cfg(test)]
mod tests {
    use pagekeeper_contracts::v1::WebhookBundle;

    use super::*;

    fn topology() -> Topology {
        let levels = RetryLevels::new(vec![Duration::from_secs(5), Duration::from_mins(1)]).unwrap();
        Topology::new(&levels, WebhookQueues::new(3).unwrap())
    }

    fn binds(topology: &Topology, exchange: Exchange, routing_key: &str) -> bool {
        let matches = |binding: &Binding| binding.exchange == exchange.name() && binding.routing_key == routing_key;
        topology.bindings.iter().any(matches)
    }

    #[test]
    fn every_command_and_webhook_has_a_queue() {
        let topology = topology();
        for (exchange, key) in [
            (Exchange::Webhooks, WebhookBundle::default().routing_key()),
            (Exchange::Commands, ConnectPages::default().routing_key()),
            (Exchange::Commands, SyncPage::default().routing_key()),
            (Exchange::Commands, SyncPage { interactive: true, ..SyncPage::default() }.routing_key()),
            (Exchange::Commands, DisconnectPage::default().routing_key()),
            (Exchange::Commands, RefreshMedia::default().routing_key()),
        ] {
            assert!(binds(&topology, exchange, &key), "{key}");
        }
    }

    #[test]
    fn each_queue_of_webhooks_has_its_own_key_and_one_consumer_at_a_time() {
        let topology = topology();
        for (queue, key) in [
            ("sync-worker.webhooks", "entry.0"),
            ("sync-worker.webhooks.1", "entry.1"),
            ("sync-worker.webhooks.2", "entry.2"),
        ] {
            let part = topology.of_queue(queue);
            let names: Vec<&str> = part.queues.iter().map(|queue| queue.name.as_str()).collect();
            assert_eq!(names, [parked(queue).as_str(), queue]);
            assert_eq!(part.queues[1].arguments.get("x-single-active-consumer"), Some(&Argument::Flag(true)));
            let keys: Vec<&str> = part.bindings.iter().map(|binding| binding.routing_key.as_str()).collect();
            assert_eq!(keys, [key]);
        }
        assert_eq!(topology.of_queue("sync-worker.webhooks.3").queues, []);
    }

    #[test]
    fn what_dead_letters_loses_nothing_and_its_target_is_declared_before_it() {
        let topology = topology();
        let mut declared = Vec::new();
        for queue in &topology.queues {
            if queue.arguments.contains_key("x-dead-letter-exchange") {
                let text = |name: &str| queue.arguments.get(name).cloned();
                assert_eq!(text("x-dead-letter-strategy"), Some(Argument::Text("at-least-once".to_owned())));
                assert_eq!(text("x-overflow"), Some(Argument::Text("reject-publish".to_owned())));
            }
            if let Some(Argument::Text(target)) = queue.arguments.get("x-dead-letter-routing-key") {
                assert!(declared.contains(target), "{target}");
            }
            declared.push(queue.name.clone());
        }
    }
}
