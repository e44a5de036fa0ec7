//! Events that wait for delivery: one lane per Page, so that each Page's come in order.

use std::collections::{HashMap, HashSet, VecDeque};

use serde::Serialize;

use super::event::Event;
use crate::world::ids::PageIndex;
use crate::world::surface::Surface;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    lanes: HashMap<PageIndex, VecDeque<Event>>,
    /// Pages with events and without a delivery under way, in the order in which they came.
    ready: VecDeque<PageIndex>,
    busy: HashSet<PageIndex>,
    numbers: u64,
    figures: Figures,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Figures {
    pub(crate) pending: usize,
    /// Requests under way.
    pub(crate) in_flight: usize,
    /// Events held back, and entries that wait for another try.
    pub(crate) waiting: usize,
    /// Events that found the queue full, or whose Page was unsubscribed.
    pub(crate) dropped: u64,
}

/// Entries that go out in one request.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) surface: Surface,
    pub(crate) pages: Vec<PageIndex>,
    pub(crate) events: Vec<Event>,
}

impl Queue {
    /// Events in memory at most, pending and waiting.
    const CAPACITY: usize = 500_000;

    pub(crate) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn figures(&self) -> Figures {
        self.figures
    }

    pub(crate) fn push(&mut self, event: Event) {
        if self.figures.pending + self.figures.waiting >= Self::CAPACITY {
            self.figures.dropped += 1;
            return;
        }
        self.figures.pending += 1;
        let page = event.page;
        let lane = self.lanes.entry(page).or_default();
        if lane.is_empty() && !self.busy.contains(&page) {
            self.ready.push_back(page);
        }
        lane.push_back(event);
    }

    /// What waited, of one Page or of several.
    pub(crate) fn take(&mut self, max_entries: usize) -> Option<Batch> {
        let surface = self.ready.front()?.surface();
        let mut batch = Batch { surface, pages: Vec::new(), events: Vec::new() };
        while batch.events.len() < max_entries.max(1) {
            // Pages and Instagram accounts never share a request.
            let Some(page) = self.ready.pop_front_if(|page| page.surface() == surface) else { break };
            let Some(lane) = self.lanes.get_mut(&page) else { continue };
            let taken = lane.len().min(max_entries.max(1) - batch.events.len());
            batch.events.extend(lane.drain(..taken));
            batch.pages.push(page);
            self.busy.insert(page);
        }
        if batch.events.is_empty() {
            return None;
        }
        self.figures.pending -= batch.events.len();
        self.figures.in_flight += 1;
        Some(batch)
    }

    /// The request is over: the Pages' next events may go.
    pub(crate) fn release(&mut self, pages: &[PageIndex]) {
        self.figures.in_flight = self.figures.in_flight.saturating_sub(1);
        for page in pages {
            self.busy.remove(page);
            if self.lanes.get(page).is_some_and(|lane| !lane.is_empty()) {
                self.ready.push_back(*page);
            } else {
                self.lanes.remove(page);
            }
        }
    }

    pub(crate) fn drop_page(&mut self, page: PageIndex) {
        if let Some(lane) = self.lanes.remove(&page) {
            self.figures.pending -= lane.len();
            self.count_dropped(lane.len());
        }
        self.ready.retain(|ready| *ready != page);
    }

    pub(crate) fn count_dropped(&mut self, events: usize) {
        self.figures.dropped += u64::try_from(events).unwrap_or(0);
    }

    pub(crate) fn waiting_more(&mut self, events: usize) {
        self.figures.waiting += events;
    }

    pub(crate) fn waiting_less(&mut self, events: usize) {
        self.figures.waiting = self.figures.waiting.saturating_sub(events);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(page: u16, number: u8) -> Event {
        Event { page: PageIndex(page), field: "messages".into(), mid: None, entry: vec![number] }
    }

    fn numbers(batch: &Batch) -> Vec<u8> {
        batch.events.iter().map(|event| event.entry[0]).collect()
    }

    #[test]
    fn a_page_under_way_waits_and_the_others_go_on() {
        let mut queue = Queue::default();
        (0..3).for_each(|number| queue.push(event(1, number)));
        let first = queue.take(2).unwrap();
        assert_eq!(numbers(&first), [0, 1]);
        queue.push(event(2, 9));
        assert_eq!(numbers(&queue.take(2).unwrap()), [9]);
        assert!(queue.take(2).is_none());
        queue.release(&first.pages);
        assert_eq!(numbers(&queue.take(2).unwrap()), [2]);
        assert_eq!(queue.figures().pending, 0);
    }

    #[test]
    fn several_pages_share_a_request() {
        let mut queue = Queue::default();
        queue.push(event(1, 1));
        queue.push(event(2, 2));
        queue.push(event(3, 3));
        queue.drop_page(PageIndex(2));
        assert_eq!(numbers(&queue.take(10).unwrap()), [1, 3]);
        assert_eq!(queue.figures(), Figures { in_flight: 1, dropped: 1, ..Figures::default() });
    }
}
