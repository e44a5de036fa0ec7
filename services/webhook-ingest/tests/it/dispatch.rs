//! What is done with entries that wait, without a broker, a database or a clock.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use pagekeeper_webhook_ingest::bundle::{Bundle, BundleLimits, Durability, Parcel};
use pagekeeper_webhook_ingest::dispatch::{Action, DispatchLimits, Dispatcher, Done};
use pagekeeper_webhook_ingest::pack::Packed;
use pagekeeper_webhook_ingest::room::{NoRoom, Room};
use proptest::prelude::*;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::time::Instant;

const LIMITS: DispatchLimits = DispatchLimits {
    bundle: BundleLimits { entries: 4, bytes: 1000 },
    flights: 2,
    broker: Duration::from_secs(2),
    spool_bytes: 10_000,
    canary_interval: Duration::from_millis(500),
};

/// A dispatcher with requests that wait for their answers; a parcel's bytes are its number.
struct Desk {
    dispatcher: Dispatcher,
    now: Instant,
    room: Room,
    requests: Vec<oneshot::Receiver<Durability>>,
}

impl Desk {
    fn new() -> Self {
        let now = Instant::now();
        Self { dispatcher: Dispatcher::new(LIMITS), now, room: Room::new(1 << 20), requests: Vec::new() }
    }

    fn arrive(&mut self, entries: u32) {
        self.arrive_for(0, entries);
    }

    fn arrive_for(&mut self, queue: u16, entries: u32) {
        let number = u32::try_from(self.requests.len()).unwrap();
        let packed = Packed { queue, encoded: Bytes::copy_from_slice(&number.to_be_bytes()), entries };
        let (parcel, answer) = Parcel::new(packed, self.now, self.room.reserve(4).unwrap());
        self.requests.push(answer);
        self.dispatcher.accept(parcel);
    }

    fn next(&mut self) -> Option<Action> {
        self.dispatcher.next(self.now)
    }

    fn fly_all(&mut self) -> Vec<Bundle> {
        match self.next() {
            Some(Action::Fly { bundles, .. }) => bundles,
            other => panic!("no flight but {other:?}"),
        }
    }

    /// A flight of one bundle.
    fn fly(&mut self) -> Bundle {
        let [bundle] = <[Bundle; 1]>::try_from(self.fly_all()).unwrap();
        bundle
    }

    fn land(&mut self, bundle: Bundle, is_confirmed: bool) {
        self.dispatcher.done(Done::Landed(vec![(bundle, is_confirmed)]), self.now);
    }

    fn spool(&mut self) -> Vec<Bundle> {
        match self.next() {
            Some(Action::Spool(bundles)) => bundles,
            other => panic!("nothing for the spool but {other:?}"),
        }
    }

    fn answers(&mut self) -> Vec<Result<Durability, TryRecvError>> {
        self.requests.iter_mut().map(oneshot::Receiver::try_recv).collect()
    }
}

fn numbers(bundle: &Bundle) -> Vec<u32> {
    bundle.encoded.chunks(4).map(|number| u32::from_be_bytes(number.try_into().unwrap())).collect()
}

#[test]
fn a_lone_entry_flies_at_once_and_alone() {
    let mut desk = Desk::new();
    desk.arrive(1);
    let Some(Action::Fly { bundles, deadline }) = desk.next() else { panic!("no flight") };
    assert_eq!((bundles.len(), deadline), (1, desk.now + Duration::from_secs(2)));
    assert!(desk.next().is_none());
    for bundle in bundles {
        assert_eq!(numbers(&bundle), [0]);
        desk.land(bundle, true);
    }
    assert_eq!(desk.answers(), [Ok(Durability::Broker)]);
    assert!(desk.dispatcher.is_idle());
}

#[test]
fn what_waits_while_flights_are_in_the_air_goes_out_together() {
    let mut desk = Desk::new();
    desk.arrive(1);
    let first = desk.fly();
    desk.arrive(1);
    let second = desk.fly();
    for _ in 0..6 {
        desk.arrive(1);
    }
    assert!(desk.next().is_none(), "two flights are all");
    desk.land(second, true);
    assert_eq!(numbers(&desk.fly()), [2, 3, 4, 5], "no more than four entries");
    desk.land(first, true);
    assert_eq!(numbers(&desk.fly()), [6, 7]);
}

#[test]
fn parcels_are_joined_only_within_the_limits() {
    let mut desk = Desk::new();
    for entries in [3, 1, 1, 4, 9] {
        desk.arrive(entries);
    }
    let first = desk.fly();
    let second = desk.fly();
    assert_eq!((numbers(&first), numbers(&second)), (vec![0, 1], vec![2]));
    desk.land(first, true);
    desk.land(second, true);
    assert_eq!(numbers(&desk.fly()), [3]);
    assert_eq!(numbers(&desk.fly()), [4], "a parcel larger than the limit still goes, alone");
}

#[test]
fn a_flight_carries_a_message_for_each_queue_and_each_is_settled_by_itself() {
    let mut desk = Desk::new();
    for queue in [2, 0, 2, 3, 0] {
        desk.arrive_for(queue, 1);
    }
    let flight = desk.fly_all();
    let found: Vec<_> = flight.iter().map(|bundle| (bundle.queue, numbers(bundle))).collect();
    assert_eq!(found, [(0, vec![1, 4]), (2, vec![0, 2]), (3, vec![3])]);
    assert!(desk.next().is_none());
    let landed = flight.into_iter().map(|bundle| (bundle.queue != 2, bundle));
    let landed = landed.map(|(is_confirmed, bundle)| (bundle, is_confirmed)).collect();
    desk.dispatcher.done(Done::Landed(landed), desk.now);
    let bundles = desk.spool();
    assert_eq!(bundles.iter().map(|bundle| (bundle.queue, numbers(bundle))).collect::<Vec<_>>(), [(2, vec![0, 2])]);
    desk.dispatcher.done(Done::Spooled { bundles, is_committed: true }, desk.now);
    let (broker, spool) = (Ok(Durability::Broker), Ok(Durability::Spool));
    assert_eq!(desk.answers(), [spool.clone(), broker.clone(), spool, broker.clone(), broker]);
}

#[test]
fn a_failed_flight_sends_all_that_waits_to_the_spool_in_one_statement() {
    let mut desk = Desk::new();
    desk.arrive(1);
    let flight = desk.fly();
    desk.arrive(1);
    let other = desk.fly();
    for _ in 0..6 {
        desk.arrive(1);
    }
    desk.land(flight, false);
    let bundles = desk.spool();
    assert_eq!(bundles.iter().map(numbers).collect::<Vec<_>>(), [vec![0], vec![2, 3, 4, 5], vec![6, 7]]);

    desk.arrive(1);
    assert!(desk.next().is_none(), "one statement at a time, and no flight");
    desk.dispatcher.done(Done::Spooled { bundles, is_committed: true }, desk.now);
    desk.land(other, true);
    let answers = desk.answers();
    assert_eq!(answers[..2], [Ok(Durability::Spool), Ok(Durability::Broker)]);
    assert_eq!(answers[8], Err(TryRecvError::Empty));
    assert_eq!(desk.spool().iter().map(numbers).collect::<Vec<_>>(), [[8]]);
}

#[test]
fn a_confirmed_canary_closes_the_breaker() {
    let mut desk = Desk::new();
    desk.arrive(1);
    let flight = desk.fly();
    desk.land(flight, false);
    let bundles = desk.spool();
    desk.dispatcher.done(Done::Spooled { bundles, is_committed: false }, desk.now);
    assert_eq!(desk.answers(), [Ok(Durability::Nowhere)]);

    assert!(desk.next().is_none(), "not at once");
    assert_eq!(desk.dispatcher.wake_at(), Some(desk.now + Duration::from_millis(500)));
    desk.now += Duration::from_millis(500);
    assert!(matches!(desk.next(), Some(Action::Canary)));
    assert!(desk.next().is_none(), "one at a time");
    desk.dispatcher.done(Done::CanaryLanded { is_confirmed: false }, desk.now);
    desk.now += Duration::from_millis(500);
    assert!(matches!(desk.next(), Some(Action::Canary)));
    assert!(!desk.dispatcher.is_breaker_closed());
    desk.dispatcher.done(Done::CanaryLanded { is_confirmed: true }, desk.now);
    assert!(desk.dispatcher.is_breaker_closed());
    desk.arrive(1);
    desk.fly();
}

#[test]
fn room_is_held_until_an_entry_is_settled() {
    let mut desk = Desk::new();
    desk.arrive(1);
    assert_eq!(desk.room.taken(), 4);
    let flight = desk.fly();
    assert_eq!(desk.room.taken(), 4);
    desk.land(flight, true);
    assert_eq!(desk.room.taken(), 0);
}

#[test]
fn no_more_bytes_wait_than_there_is_room_for() {
    let room = Room::new(10);
    let mut first = room.reserve(6).unwrap();
    assert_eq!(room.reserve(5).unwrap_err(), NoRoom);
    assert_eq!(first.grow(5), Err(NoRoom));
    assert_eq!(first.grow(4), Ok(()));
    assert_eq!(first.grow(usize::MAX), Err(NoRoom));
    drop(first);
    assert_eq!(room.taken(), 0);
}

#[derive(Debug, Clone)]
enum Event {
    /// So many entries for a queue.
    Arrive(u16, u32),
    /// The flight or statement at this place of those under way ends like this.
    End(prop::sample::Index, bool),
    Wait(u64),
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0u16..3, 1u32..6).prop_map(|(queue, entries)| Event::Arrive(queue, entries)),
        3 => (any::<prop::sample::Index>(), prop::bool::weighted(0.8)).prop_map(|(place, good)| Event::End(place, good)),
        1 => (0u64..700).prop_map(Event::Wait),
    ]
}

proptest! {
    /// Whatever fails: each request is told once, `Broker` only after a confirm, `Spool` only after a commit.
    #[test]
    fn every_request_hears_the_truth_once(events in proptest::collection::vec(any_event(), 1..120)) {
        let mut desk = Desk::new();
        let mut under_way: Vec<Action> = Vec::new();
        let mut truth: HashMap<u32, Durability> = HashMap::new();
        let mut end = |desk: &mut Desk, action: Action, good: bool| match action {
            Action::Fly { bundles, .. } => {
                // Of a flight that goes wrong, every other message has arrived.
                let landed = bundles.into_iter().enumerate().map(|(place, bundle)| (bundle, good || place % 2 == 1));
                let landed: Vec<_> = landed.collect();
                for (bundle, _) in landed.iter().filter(|(_, is_confirmed)| *is_confirmed) {
                    truth.extend(numbers(bundle).into_iter().map(|number| (number, Durability::Broker)));
                }
                desk.dispatcher.done(Done::Landed(landed), desk.now);
            }
            Action::Spool(bundles) => {
                let durability = if good { Durability::Spool } else { Durability::Nowhere };
                truth.extend(bundles.iter().flat_map(numbers).map(|number| (number, durability)));
                desk.dispatcher.done(Done::Spooled { bundles, is_committed: good }, desk.now);
            }
            Action::Canary => desk.dispatcher.done(Done::CanaryLanded { is_confirmed: good }, desk.now),
        };
        for event in events {
            match event {
                Event::Arrive(queue, entries) => desk.arrive_for(queue, entries),
                Event::End(place, good) if !under_way.is_empty() => {
                    let action = under_way.remove(place.index(under_way.len()));
                    end(&mut desk, action, good);
                }
                Event::End(..) => {}
                Event::Wait(ms) => desk.now += Duration::from_millis(ms),
            }
            under_way.extend(std::iter::from_fn(|| desk.next()));
            let flights = under_way.iter().filter(|action| matches!(action, Action::Fly { .. })).count();
            let statements = under_way.iter().filter(|action| matches!(action, Action::Spool(_))).count();
            prop_assert!(flights <= LIMITS.flights && statements <= 1);
        }
        while let Some(action) = under_way.pop() {
            end(&mut desk, action, true);
            under_way.extend(std::iter::from_fn(|| desk.next()));
        }
        prop_assert!(desk.dispatcher.is_idle());
        prop_assert_eq!(desk.room.taken(), 0);
        for (number, answer) in desk.answers().into_iter().enumerate() {
            prop_assert_eq!(answer.ok(), truth.get(&u32::try_from(number).unwrap()).copied());
        }
    }
}
