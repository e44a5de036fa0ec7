//! One publisher on each thread that answers requests: what a request hands over, and how it hears of it, wakes no
//! other thread, and what came together leaves together.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::bundle::Parcel;
use crate::publish::Publishing;

/// Starts publishers; clones watch over the same ones.
#[derive(Clone)]
pub(crate) struct Publishers {
    publishing: Arc<Publishing>,
    panics: mpsc::UnboundedSender<PublisherPanicked>,
}

/// A thread answers requests and keeps nothing.
#[derive(Debug, thiserror::Error)]
#[error("a publisher panicked")]
pub(crate) struct PublisherPanicked;

/// What became of them.
pub(crate) struct Watch(mpsc::UnboundedReceiver<PublisherPanicked>);

impl Publishers {
    pub(crate) fn new(publishing: Publishing) -> (Self, Watch) {
        let (panics, watched) = mpsc::unbounded_channel();
        (Self { publishing: Arc::new(publishing), panics }, Watch(watched))
    }

    /// Starts one on the thread of the caller, an HTTP worker. It lasts until nobody can send it a parcel any more, and at
    /// most as long as the thread: by then each request has its answer.
    pub(crate) fn start_here(&self) -> mpsc::UnboundedSender<Parcel> {
        let (parcels, waiting) = mpsc::unbounded_channel();
        let publisher = actix_web::rt::spawn(Arc::clone(&self.publishing).run(waiting));
        let panics = self.panics.clone();
        actix_web::rt::spawn(async move {
            if publisher.await.is_err() {
                // Nobody listens any more once the service stops.
                let _ = panics.send(PublisherPanicked);
            }
        });
        parcels
    }
}

impl Watch {
    /// Lasts until `stop`, if none panics.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), PublisherPanicked> {
        match stop.run_until_cancelled(self.0.recv()).await {
            Some(Some(panicked)) => Err(panicked),
            Some(None) | None => Ok(()),
        }
    }
}
