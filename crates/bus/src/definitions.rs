//! The topology as RabbitMQ's own definitions, for brokers whose users may not declare, and for whoever wants to look.

use serde_json::{Value, json};

use crate::topology::{Argument, Topology};

/// The virtual host of a broker that serves nothing else.
const VHOST: &str = "/";

impl Topology {
    /// As `rabbitmqctl import_definitions` and the management API take them, in the order of declaration.
    pub fn definitions(&self) -> Value {
        let exchanges = self.exchanges.iter().map(|exchange| {
            json!({
                "name": exchange.name,
                "vhost": VHOST,
                "type": exchange.routing.name(),
                "durable": true,
                "auto_delete": false,
                "internal": false,
                "arguments": {},
            })
        });
        let queues = self.queues.iter().map(|queue| {
            let arguments = queue.arguments.iter().map(|(name, argument)| ((*name).to_owned(), argument.json()));
            json!({
                "name": queue.name,
                "vhost": VHOST,
                "durable": true,
                "auto_delete": false,
                "arguments": arguments.collect::<serde_json::Map<_, _>>(),
            })
        });
        let bindings = self.bindings.iter().map(|binding| {
            json!({
                "source": binding.exchange,
                "vhost": VHOST,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.routing_key,
                "arguments": {},
            })
        });
        json!({
            "vhosts": [{ "name": VHOST }],
            "exchanges": exchanges.collect::<Vec<_>>(),
            "queues": queues.collect::<Vec<_>>(),
            "bindings": bindings.collect::<Vec<_>>(),
        })
    }
}

impl Argument {
    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Flag(flag) => json!(flag),
        }
    }
}
