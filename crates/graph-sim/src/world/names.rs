//! Names of customers: English, Vietnamese, Danish, German, Arabic, and a few that break careless programs.

use super::draw::Draw;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PersonName {
    pub(crate) first: String,
    pub(crate) last: String,
}

impl PersonName {
    pub(crate) fn drawn(draw: Draw) -> Self {
        if draw.at(0).one_in(60)
            && let Some((first, last)) = draw.at(1).pick(UNUSUAL)
        {
            return Self { first: (*first).to_owned(), last: (*last).to_owned() };
        }
        let Some((firsts, lasts)) = draw.at(2).pick(LANGUAGES) else { return Self::parsed("Customer") };
        let first = draw.at(3).pick(firsts).copied().unwrap_or_default();
        let last = draw.at(4).pick(lasts).copied().unwrap_or_default();
        Self { first: first.to_owned(), last: last.to_owned() }
    }

    /// Of a name typed by somebody: the last word is the last name.
    pub(crate) fn parsed(name: &str) -> Self {
        match name.trim().rsplit_once(char::is_whitespace) {
            Some((first, last)) => Self { first: first.trim().to_owned(), last: last.to_owned() },
            None => Self { first: name.trim().to_owned(), last: String::new() },
        }
    }

    /// On Instagram: ASCII letters of the name, and the end of the id so that it is nobody else's.
    pub(crate) fn username(&self, id: &str) -> String {
        let letters: String = self.full().chars().filter(char::is_ascii_alphanumeric).collect();
        let end = id.get(id.len().saturating_sub(4)..).unwrap_or(id);
        format!("{}.{end}", if letters.is_empty() { "user" } else { letters.as_str() }.to_ascii_lowercase())
    }

    pub(crate) fn full(&self) -> String {
        if self.last.is_empty() { self.first.clone() } else { format!("{} {}", self.first, self.last) }
    }
}

type Names = &'static [&'static str];

const LANGUAGES: &[(Names, Names)] = &[
    (
        &["Emma", "Oliver", "Amelia", "Jack", "Isla", "Harry", "Grace", "Leo", "Chloe", "Daniel", "Maya", "Samuel"],
        &["Smith", "Jones", "Taylor", "Brown", "O'Connor", "Wilson", "Clarke", "Hughes", "Lewis-Hart", "Patel"],
    ),
    (
        &["Anh", "Bảo", "Châu", "Dũng", "Hạnh", "Hương", "Khánh", "Linh", "Minh", "Ngọc", "Phương", "Quỳnh", "Thảo"],
        &["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương"],
    ),
    (
        &["Søren", "Freja", "Åse", "Jørgen", "Kåre", "Ida", "Magnus", "Signe", "Bjørn", "Astrid", "Mads", "Kirstine"],
        &["Nielsen", "Sørensen", "Østergaard", "Møller", "Kjær", "Bæk", "Thorsen", "Højgaard", "Lund", "Ågård"],
    ),
    (
        &["Lukas", "Mia", "Jürgen", "Käthe", "Anton", "Zoë", "François", "Inês", "José", "Łucja"],
        &["Müller", "Weiß", "Schäfer", "Dupont", "Ferreira", "García", "Kowalczyk", "Novák", "Öztürk"],
    ),
    (&["محمد", "فاطمة", "ليلى", "عمر", "נועה"], &["حداد", "منصور", "العلي", "כהן"]),
];

const UNUSUAL: &[(&str, &str)] = &[
    ("🌸 Hoa", "🌸"),
    ("X Æ", "A-12"),
    ("<b>Bold</b>", "Customer"),
    ("Robert'); DROP TABLE", "Students;--"),
    ("A", ""),
    ("Wolfeschlegelsteinhausenbergerdorff", "Zeus-Featherstonehaugh-Cholmondeley"),
    ("\u{202e}desreveR", "Name"),
    ("null", "undefined"),
];
