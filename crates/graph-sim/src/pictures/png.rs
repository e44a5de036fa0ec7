//! A PNG of two colours, uncompressed: initials on a background.

use super::glyphs;

const SIDE: usize = 200;
/// Bits of a row, filled up to bytes.
const ROW_BYTES: usize = SIDE.div_ceil(8);

const BACKGROUNDS: [[u8; 3]; 8] = [
    [0x1b, 0x74, 0xe4],
    [0x0f, 0x76, 0x6e],
    [0x7c, 0x3a, 0xed],
    [0xb4, 0x53, 0x09],
    [0xbe, 0x12, 0x3c],
    [0x15, 0x80, 0x3d],
    [0x4b, 0x55, 0x63],
    [0xa2, 0x1c, 0xaf],
];

pub(super) fn initials(name: &str, draw: u64) -> Vec<u8> {
    let mut letters: Vec<char> = name.split_whitespace().filter_map(glyphs::initial).take(2).collect();
    if letters.is_empty() {
        letters.push(glyphs::SOMEBODY);
    }
    let background = BACKGROUNDS.get(usize::try_from(draw % 8).unwrap_or(0)).copied().unwrap_or_default();
    encode(background, &draw_letters(&letters))
}

/// One bit per point, each row led by the filter byte 0.
fn draw_letters(letters: &[char]) -> Vec<u8> {
    let mut rows = vec![0_u8; SIDE * (ROW_BYTES + 1)];
    let point = if letters.len() > 1 { 14 } else { 18 };
    let width = letters.len() * glyphs::WIDTH * point + letters.len().saturating_sub(1) * point;
    let left = (SIDE - width.min(SIDE)) / 2;
    let top = (SIDE - glyphs::HEIGHT * point) / 2;
    for (place, letter) in letters.iter().enumerate() {
        let letter_left = left + place * (glyphs::WIDTH + 1) * point;
        for y in 0..glyphs::HEIGHT * point {
            for x in 0..glyphs::WIDTH * point {
                if glyphs::is_set(*letter, x / point, y / point) {
                    set(&mut rows, letter_left + x, top + y);
                }
            }
        }
    }
    rows
}

fn set(rows: &mut [u8], x: usize, y: usize) {
    if x < SIDE
        && let Some(byte) = rows.get_mut(y * (ROW_BYTES + 1) + 1 + x / 8)
    {
        *byte |= 0x80 >> (x % 8);
    }
}

fn encode(background: [u8; 3], rows: &[u8]) -> Vec<u8> {
    let side = u32::try_from(SIDE).unwrap_or(0).to_be_bytes();
    // One bit per point, with a palette.
    let header = [&side[..], &side[..], &[1, 3, 0, 0, 0]].concat();
    let palette = [background, [0xff; 3]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"PLTE", &palette);
    chunk(&mut png, *b"IDAT", &stored(rows));
    chunk(&mut png, *b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    png.extend_from_slice(&u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    png.extend_from_slice(&kind);
    png.extend_from_slice(data);
    let checked = [&kind[..], data].concat();
    png.extend_from_slice(&crc32(&checked).to_be_bytes());
}

/// A zlib stream of stored blocks.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(0);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend_from_slice(&length.to_le_bytes());
        stream.extend_from_slice(&(!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    stream.extend_from_slice(&adler32(data).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_agree_with_published_values() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_picture_is_small() {
        let png = initials("Phở Nhà Linh", 3);
        assert!(png.starts_with(b"\x89PNG") && png.len() < 8_000);
    }
}
