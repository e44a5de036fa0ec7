//! Deterministic numbers: each is a hash of the seed and of what it is drawn for, so nothing need be stored.

#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// Another draw for one more coordinate.
    pub(crate) fn at(self, coordinate: u64) -> Self {
        Self(mix(self.0 ^ mix(coordinate.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// Another draw for a name.
    pub(crate) fn named(self, name: &str) -> Self {
        self.at(label(name))
    }

    pub(crate) fn value(self) -> u64 {
        self.0
    }

    /// A number below `limit`; 0 where the limit is 0.
    pub(crate) fn below(self, limit: u64) -> u64 {
        u64::try_from((u128::from(self.0) * u128::from(limit)) >> 64).unwrap_or(0)
    }

    pub(crate) fn one_in(self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn pick<T>(self, choices: &'static [T]) -> Option<&'static T> {
        let index = self.below(u64::try_from(choices.len()).unwrap_or(u64::MAX));
        choices.get(usize::try_from(index).unwrap_or(0))
    }
}

/// The number that stands for a name: FNV-1a, made by the compiler where the name is known to it.
pub(crate) const fn label(name: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = name.as_bytes();
    while let Some((byte, others)) = rest.split_first() {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = others;
    }
    hash
}

/// The finalizer of SplitMix64.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
