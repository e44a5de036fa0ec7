//! Objects and lists in which each part may be of another kind than expected.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{repaired, text};

/// More entries of one list are counted as dropped: nothing we ask for is longer, and a hostile answer stays small.
const LONGEST_LIST: usize = 1_000;

/// A nested object; anything else in its place counts as absent.
pub(crate) fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(Lenient::deserialize(deserializer)?.0)
}

/// An object `{"data":[…]}` without paging: its list.
pub(crate) fn edge<'de, D, T>(deserializer: D) -> Result<List<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Decode,
{
    #[derive(Deserialize)]
    #[serde(bound(deserialize = "T: Decode"))]
    struct Edge<T> {
        #[serde(default)]
        data: List<T>,
    }
    let edge: Option<Edge<T>> = Lenient::deserialize(deserializer)?.0;
    Ok(edge.map(|edge| edge.data).unwrap_or_default())
}

/// A whole answer that is to be an object.
pub(crate) fn answer<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let Lenient(answer) = parse(body)?;
    answer
}

/// A whole answer that is to be an array: its objects, each at its place.
pub(crate) fn slots<T: DeserializeOwned>(body: &[u8]) -> Option<Vec<Option<T>>> {
    let keep = |Lenient(object): Lenient<T>| Some(object);
    let mut body = serde_json::Deserializer::from_slice(body);
    let list = body.deserialize_seq(ListVisitor { keep, wire: PhantomData }).ok()?;
    Some(list.entries)
}

/// A whole answer that is to be an object of objects: those of `ids`, in their order.
pub(crate) fn by_id<'a, T: Decode>(body: &[u8], ids: impl Iterator<Item = &'a str>) -> Option<Vec<T>> {
    let mut objects: BTreeMap<String, Lenient<T::Wire>> = parse(body)?;
    Some(ids.filter_map(|id| objects.remove(id)?.0.and_then(T::decode)).collect())
}

/// JSON of which parts may be cut emoji.
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok().or_else(|| match repaired(json) {
        Cow::Owned(json) => serde_json::from_slice(&json).ok(),
        Cow::Borrowed(_) => None,
    })
}

/// An entry of a list: made from its wire form, or dropped.
pub(crate) trait Decode: Sized {
    type Wire: DeserializeOwned;
    fn decode(wire: Self::Wire) -> Option<Self>;
}

/// A list of any length and content, of which what makes sense is kept.
#[derive(Debug, Clone)]
pub(crate) struct List<T> {
    pub(crate) entries: Vec<T>,
    pub(crate) dropped: u32,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), dropped: 0 }
    }
}

impl<'de, T: Decode> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keep = |Lenient(wire): Lenient<T::Wire>| wire.and_then(T::decode);
        deserializer.deserialize_any(ListVisitor { keep, wire: PhantomData })
    }
}

/// A list of words, such as scopes or tasks.
pub(crate) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let keep = |Word(word): Word| word;
    deserializer.deserialize_any(ListVisitor { keep, wire: PhantomData }).map(|list| list.entries)
}

/// The same where an absent list means something else than an empty one.
pub(crate) fn optional_words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    words(deserializer).map(Some)
}

struct Word(Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

/// An object, or nothing where something else stands. (A derived type alone would also be read from an array.)
struct Lenient<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData)).map(Self)
    }
}

/// What a visitor answers where neither a list nor an object stands.
macro_rules! plain_values {
    ($value:expr) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for LenientVisitor<T> {
    type Value = Option<T>;

    plain_values!(None);

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Option<T>, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

struct ListVisitor<W, K> {
    keep: K,
    wire: PhantomData<W>,
}

impl<'de, W, T, K> Visitor<'de> for ListVisitor<W, K>
where
    W: DeserializeOwned,
    K: Fn(W) -> Option<T>,
{
    type Value = List<T>;

    plain_values!(List::default());

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<List<T>, A::Error> {
        let mut list = List::default();
        while list.entries.len() < LONGEST_LIST {
            let Some(wire) = entries.next_element::<W>()? else { return Ok(list) };
            match (self.keep)(wire) {
                Some(entry) => list.entries.push(entry),
                None => list.dropped = list.dropped.saturating_add(1),
            }
        }
        while entries.next_element::<IgnoredAny>()?.is_some() {
            list.dropped = list.dropped.saturating_add(1);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<List<T>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<String> {
        words(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    #[test]
    fn a_list_keeps_what_makes_sense_and_has_an_end() {
        assert_eq!(read(r#"["a",null,{"b":1},[2],"c",3]"#), ["a", "c", "3"]);
        assert!(read(r#""a,b""#).is_empty() && read("{}").is_empty() && read("null").is_empty());
        let endless = format!(r#"[{}"a"]"#, r#""a","#.repeat(5_000));
        assert_eq!(read(&endless).len(), LONGEST_LIST);
    }

    #[test]
    fn half_an_emoji_does_not_lose_the_answer() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Snippet {
            snippet: String,
        }
        assert_eq!(answer(br#"{"snippet":"hi \ud83c"}"#), Some(Snippet { snippet: "hi \u{fffd}".to_owned() }));
    }

    #[test]
    fn an_array_is_not_read_as_an_object() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Named {
            name: String,
        }
        assert_eq!(answer::<Named>(br#"["positional"]"#), None);
        assert_eq!(answer(br#"{"name":"a"}"#), Some(Named { name: "a".to_owned() }));
        assert_eq!(
            slots::<Named>(br#"[null,{"name":"a"},5]"#),
            Some(vec![None, Some(Named { name: "a".to_owned() }), None])
        );
    }
}
