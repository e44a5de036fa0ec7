//! The part of a text in which something was found. PURE.

use std::ops::Range;

use pagekeeper_common::domain::folding::{fold, is_word_letter, words};
use serde::Serialize;
use utoipa::ToSchema;

/// Characters of a snippet, at most, and of them before the first mark.
const LONGEST: usize = 180;
const BEFORE: usize = 50;

/// As much of a text as is searched.
const SEARCHED: usize = 10_000;

/// A part of a message's text.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Snippet {
    /// Plain text; "…" stands where something is left out.
    #[schema(example = "…do you still have the blue one in L?")]
    pub text: String,
    /// The words that were found, in their order.
    pub marks: Vec<Mark>,
}

/// A range of the snippet, in UTF-16 code units, as JavaScript counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Mark {
    #[schema(example = 23)]
    pub start: usize,
    /// After its last unit.
    #[schema(example = 27)]
    pub end: usize,
}

impl Snippet {
    /// `asked` are folded words, of which the last one may be unfinished.
    pub(crate) fn of(text: &str, asked: &[String]) -> Self {
        let letters: Vec<char> = text.chars().take(SEARCHED).collect();
        let found: Vec<Range<usize>> =
            word_ranges(&letters).into_iter().filter(|range| is_asked_for(&letters, range, asked)).collect();
        let first = found.first().map_or(0, |range| range.start);
        let start = if letters.len() <= LONGEST { 0 } else { first.saturating_sub(BEFORE) };
        let end = letters.len().min(start + LONGEST);
        let shown = letters.get(start..end).unwrap_or_default();

        let mut snippet = Self { text: String::new(), marks: Vec::new() };
        let cut_before = if start > 0 { "…" } else { "" };
        snippet.text.push_str(cut_before);
        snippet.text.extend(shown);
        if end < letters.len() || text.chars().nth(SEARCHED).is_some() {
            snippet.text.push('…');
        }
        let units = |until: usize| shown.iter().take(until - start).map(|letter| letter.len_utf16()).sum::<usize>();
        for range in found.iter().filter(|range| range.start >= start && range.end <= end) {
            let lead = cut_before.chars().count();
            snippet.marks.push(Mark { start: lead + units(range.start), end: lead + units(range.end) });
        }
        snippet
    }
}

/// Where words stand, with their accents.
fn word_ranges(letters: &[char]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (place, _) in letters.iter().enumerate().filter(|(_, letter)| is_in_word(**letter)) {
        match ranges.last_mut() {
            Some(range) if range.end == place => range.end = place + 1,
            _ => ranges.push(place..place + 1),
        }
    }
    ranges
}

/// Also letters that fold to others, like `ﬁ`.
fn is_in_word(letter: char) -> bool {
    is_word_letter(letter) || (!letter.is_ascii() && fold(letter.encode_utf8(&mut [0; 4])).chars().any(is_word_letter))
}

fn is_asked_for(letters: &[char], range: &Range<usize>, asked: &[String]) -> bool {
    let Some((last, whole)) = asked.split_last() else { return false };
    let text: String = letters.get(range.clone()).unwrap_or_default().iter().collect();
    words(&text).iter().any(|word| whole.contains(word) || word.starts_with(last.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, asked: &str) -> (String, Vec<String>) {
        let snippet = Snippet::of(text, &words(asked));
        let units: Vec<u16> = snippet.text.encode_utf16().collect();
        let marks =
            snippet.marks.iter().map(|mark| String::from_utf16(&units[mark.start..mark.end]).unwrap()).collect();
        (snippet.text, marks)
    }

    #[test]
    fn whole_words_are_marked_with_their_accents() {
        let text = "👍 Giao hàng Đà Nẵng, giao? A\u{30a}rhus";
        assert_eq!(
            marked(text, "giao nang arh"),
            (text.to_owned(), ["Giao", "Nẵng", "giao", "A\u{30a}rhus"].map(str::to_owned).to_vec())
        );
        assert_eq!(marked("<b>hello</b>", "hel").1, ["hello"]);
        assert_eq!(marked("hello", "").1, [""; 0]);
    }

    #[test]
    fn a_long_text_is_cut_around_what_was_found() {
        let text = format!("{} needle {}", "hay ".repeat(500), "straw ".repeat(500));
        let (snippet, marks) = marked(&text, "needle");
        assert_eq!(marks, ["needle"]);
        assert!(snippet.starts_with('…') && snippet.ends_with('…') && snippet.chars().count() <= LONGEST + 2);
        assert!(marked(&"x".repeat(20_000), "y").0.ends_with('…'));
    }
}
