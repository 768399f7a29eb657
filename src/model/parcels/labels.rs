//! A column of text in a block: each distinct text is kept once, rows hold its number.

/// Text by row. A text that many rows share costs two bytes a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Number of the row's text, or [`Labels::NONE`].
    codes: Vec<u16>,
    /// Where each text ends in `text`.
    ends: Vec<u32>,
    text: String,
    /// Open addressing from a text to its number, a power of two long; empty when nothing is looked up.
    slots: Vec<u16>,
}

impl Labels {
    /// Stands for a null; a block has fewer rows than this.
    pub const NONE: u16 = u16::MAX;

    /// Appends a row.
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(Self::NONE, |text| self.intern(text));
        self.codes.push(code);
    }

    fn intern(&mut self, text: &str) -> u16 {
        if (self.ends.len() + 1) * 2 > self.slots.len() {
            self.grow((self.slots.len() * 2).max(16));
        }
        let at = match self.probe(text) {
            Ok(code) => return code,
            Err(at) => at,
        };
        let code = self.ends.len() as u16;
        self.slots[at] = code;
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        code
    }

    /// Number of a text, or the free slot where it belongs.
    fn probe(&self, text: &str) -> Result<u16, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash(text) as usize & mask;
        loop {
            match self.slots[at] {
                Self::NONE => return Err(at),
                code if self.distinct(code) == text => return Ok(code),
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn grow(&mut self, slots: usize) {
        self.slots = vec![Self::NONE; slots];
        for code in 0..self.ends.len() as u16 {
            if let Err(at) = self.probe(self.distinct(code)) {
                self.slots[at] = code;
            }
        }
    }

    /// Gives back spare memory; with `lookup` a text can be found without going through all rows.
    pub fn finish(&mut self, lookup: bool) {
        self.codes.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.text.shrink_to_fit();
        self.slots = Vec::new();
        if lookup {
            self.grow((self.ends.len() * 2).next_power_of_two().max(16));
        }
    }

    /// First row with a text. Needs the lookup of [`Labels::finish`].
    pub fn find(&self, text: &str) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let code = self.probe(text).ok()?; // the free slot means that no row has it
        // Without repetition the numbers are the rows.
        if self.codes.get(code as usize) == Some(&code) && self.ends.len() == self.codes.len() {
            return Some(code as usize);
        }
        self.codes.iter().position(|&own| own == code)
    }

    /// Text of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        match self.codes[row] {
            Self::NONE => None,
            code => Some(self.distinct(code)),
        }
    }

    /// Numbers by row.
    pub fn codes(&self) -> &[u16] {
        &self.codes
    }

    /// A distinct text by its number.
    pub fn distinct(&self, code: u16) -> &str {
        let code = code as usize;
        let start = if code == 0 { 0 } else { self.ends[code - 1] as usize };
        &self.text[start..self.ends[code] as usize]
    }

    /// All distinct texts in the order of their numbers.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len() as u16).map(|code| self.distinct(code))
    }

    /// Parts for a file: numbers by row, ends of the texts, the texts.
    pub fn parts(&self) -> (&[u16], &[u32], &str) {
        (&self.codes, &self.ends, &self.text)
    }

    /// From the parts of a file; `None` when they do not fit each other.
    pub fn from_parts(codes: Vec<u16>, ends: Vec<u32>, text: String, lookup: bool) -> Option<Self> {
        let ordered = ends.windows(2).all(|pair| pair[0] <= pair[1]);
        let whole = ends.last().is_none_or(|&end| end as usize == text.len());
        let cut = ends.iter().all(|&end| text.is_char_boundary(end as usize));
        let known = codes.iter().all(|&code| code == Self::NONE || (code as usize) < ends.len());
        let mut labels = Self { codes, ends, text, slots: Vec::new() };
        (ordered && whole && cut && known).then(|| {
            labels.finish(lookup);
            labels
        })
    }
}

/// FNV-1a with a last mixing step, so that the low bits of short texts differ.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_repeated_ones_are_kept_once() {
        let mut labels = Labels::default();
        let rows = [Some("maize"), None, Some(""), Some("maïs"), Some("maize")];
        for row in rows {
            labels.push(row);
        }
        labels.finish(true);
        assert_eq!((0..rows.len()).map(|row| labels.get(row)).collect::<Vec<_>>(), rows);
        assert_eq!(labels.texts().collect::<Vec<_>>(), ["maize", "", "maïs"]);
        assert_eq!([labels.find("maize"), labels.find("maïs"), labels.find("x")], [Some(0), Some(3), None]);
    }

    #[test]
    fn thousands_of_texts_are_all_found() {
        let mut labels = Labels::default();
        (0..16_000).for_each(|row| labels.push(Some(&format!("P{row}"))));
        labels.finish(true);
        assert!((0..16_000).all(|row| labels.find(&format!("P{row}")) == Some(row)));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert!(Labels::from_parts(vec![0, Labels::NONE], vec![2], "ab".to_owned(), true).is_some());
        assert!(Labels::from_parts(vec![1], vec![2], "ab".to_owned(), true).is_none());
        assert!(Labels::from_parts(vec![0], vec![3], "ab".to_owned(), true).is_none());
        assert!(Labels::from_parts(vec![0], vec![1, 2], "é".to_owned(), true).is_none());
    }
}
