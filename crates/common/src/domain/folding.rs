//! Letters as searches compare them: small, without accents. The database's `fold_text` and `words_of` say the same.

use unicode_normalization::UnicodeNormalization as _;

/// The text in small letters without accents: `Đà Nẵng` is `da nang`, `Smørrebrød` is `smorrebrod`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_accent(*letter)) {
        match letter {
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'ħ' | 'Ħ' => folded.push('h'),
            'ŧ' | 'Ŧ' => folded.push('t'),
            'ı' => folded.push('i'),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ß' => folded.push_str("ss"),
            letter => folded.extend(letter.to_lowercase()),
        }
    }
    folded
}

/// The folded words of a text, in their order.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|letter| !is_word_letter(letter)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a letter belongs to a word, before or after folding.
pub fn is_word_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter,
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{1fff}' | '\u{2c00}'..='\u{2dff}'
            | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{d7ff}' | '\u{f900}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10000}'..='\u{1efff}' | '\u{20000}'..='\u{3ffff}')
}

/// Marks that stand over or under the letter before them.
fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_and_capitals_make_no_difference() {
        assert_eq!(fold("Xin chào Đặng Ươm, Rødgrød æble ÆØÅ ß"), "xin chao dang uom, rodgrod aeble aeoa ss");
        // The same letters, taken apart.
        assert_eq!(fold("A\u{30a}rhus Ha\u{300} No\u{323}\u{302}i"), "arhus ha noi");
    }

    #[test]
    fn words_are_what_is_between_all_else() {
        assert_eq!(
            words("Chào, lan.anh@gmail.com! (42)👍 «Ж» foo_bar"),
            ["chao", "lan", "anh", "gmail", "com", "42", "ж", "foo", "bar"]
        );
        assert_eq!(words(" !? \u{0} 👍"), [""; 0]);
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing(text in "[a-zA-ZÀ-ỹæøåÆØÅđĐ0-9 .,!?]{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
