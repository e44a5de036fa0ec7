//! One flight: messages published on a channel that nobody else uses meanwhile, and what the broker said of each.

use std::collections::HashSet;

use futures_util::future::join_all;
use lapin::options::BasicPublishOptions;
use lapin::types::ShortString;
use lapin::{Channel, Confirmation};
use uuid::Uuid;

use crate::headers;
use crate::message::Outgoing;
use crate::publisher::Published;

/// Publishes all and waits for all. The caller brings the time limit; a flight that was given up has spent its channel.
pub(crate) async fn fly(channel: &Channel, messages: &[Outgoing]) -> Vec<Published> {
    let answers = join_all(messages.iter().map(|message| publish(channel, message))).await;
    let mut published = Vec::with_capacity(messages.len());
    let mut returned = HashSet::new();
    for answer in answers {
        returned.extend(answer.returned);
        published.push(answer.published);
    }
    // A return has no delivery tag, so the client hands it to whichever confirm comes next: often another message's.
    // It always comes before the confirm of its own message, so at the end of the flight all are here.
    if !returned.is_empty() {
        for (message, published) in messages.iter().zip(&mut published) {
            if returned.contains(&message.message_id) {
                *published = Published::Unroutable;
            }
        }
    }
    published
}

struct Answer {
    published: Published,
    /// The message that came back with this confirm.
    returned: Option<Uuid>,
}

impl From<Published> for Answer {
    fn from(published: Published) -> Self {
        Self { published, returned: None }
    }
}

async fn publish(channel: &Channel, message: &Outgoing) -> Answer {
    let name = |text: &str| ShortString::try_new(text);
    let (Ok(exchange), Ok(routing_key)) = (name(&message.exchange), name(&message.routing_key)) else {
        return Published::Refused.into();
    };
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = headers::write(message);
    let confirmation = match channel.basic_publish(exchange, routing_key, options, &message.body, properties).await {
        Ok(confirm) => confirm.await,
        Err(error) => Err(error),
    };
    match confirmation {
        Ok(Confirmation::Ack(None)) => Published::Stored.into(),
        Ok(Confirmation::Ack(Some(returned))) => {
            let id = returned.delivery.properties.message_id().as_ref().and_then(|id| id.as_str().parse().ok());
            Answer { published: Published::Stored, returned: id }
        }
        Ok(Confirmation::Nack(returned)) => {
            let id = returned.and_then(|back| back.delivery.properties.message_id().as_ref()?.as_str().parse().ok());
            Answer { published: Published::Refused, returned: id }
        }
        // The channel was not in confirm mode, so the broker has said nothing.
        Ok(Confirmation::NotRequested) | Err(_) => Published::Unknown.into(),
    }
}
