//! History of extents: back and forward through where the map has rested. Knows no egui.

/// Longitude and latitude of the centre, and the zoom.
pub type Extent = [f64; 3];

/// The map rests when it has not moved for so many seconds.
const RESTS_AFTER: f64 = 0.4;

/// So many extents are remembered.
const MOST: usize = 100;

/// Where the map has rested.
#[derive(Debug, Clone, Default)]
pub struct Extents {
    list: Vec<Extent>,
    /// Position of the extent that is shown.
    at: usize,
    /// An extent that is not in the list, and since when it is shown.
    moving: Option<(Extent, f64)>,
}

impl Extents {
    /// Notes what is shown at a time in seconds. True while it may still become part of the history: look again soon.
    pub fn note(&mut self, extent: Extent, now: f64) -> bool {
        if self.list.get(self.at) == Some(&extent) {
            self.moving = None;
            return false;
        }
        match self.moving {
            Some((own, since)) if own == extent && now - since >= RESTS_AFTER => {
                self.push(extent);
                false
            }
            Some((own, _)) if own == extent => true,
            _ => {
                self.moving = Some((extent, now));
                true
            }
        }
    }

    fn push(&mut self, extent: Extent) {
        self.moving = None;
        self.list.truncate(self.at + 1);
        self.list.push(extent);
        if self.list.len() > MOST {
            self.list.remove(0);
        }
        self.at = self.list.len() - 1;
    }

    /// The extent before (`by` -1) or after (1) the one shown, which becomes the one shown; `None` at the end of the history.
    pub fn step(&mut self, by: isize) -> Option<Extent> {
        if let Some((extent, _)) = self.moving.take() {
            // Also an extent that was left at once can be come back to.
            self.push(extent);
        }
        let at = self.at.checked_add_signed(by).filter(|at| *at < self.list.len())?;
        self.at = at;
        self.list.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Extent = [4.0, 50.0, 12.0];
    const B: Extent = [4.1, 50.0, 12.0];
    const C: Extent = [4.1, 50.0, 14.0];
    const D: Extent = [4.2, 50.0, 14.0];

    /// Shows an extent until it rests.
    fn rest(extents: &mut Extents, extent: Extent, from: f64) {
        assert!(extents.note(extent, from) && extents.note(extent, from + 0.1));
        assert!(!extents.note(extent, from + 1.0) && !extents.note(extent, from + 2.0));
    }

    #[test]
    fn what_rested_is_come_back_to_and_what_only_passed_is_not() {
        let mut extents = Extents::default();
        assert_eq!(extents.step(-1), None);
        rest(&mut extents, A, 0.0);
        assert!(extents.note(D, 3.0) && extents.note(C, 3.1));
        rest(&mut extents, B, 4.0);
        rest(&mut extents, C, 8.0);
        assert_eq!((extents.step(-1), extents.step(-1), extents.step(-1)), (Some(B), Some(A), None));
        assert_eq!((extents.step(1), extents.step(1), extents.step(1)), (Some(B), Some(C), None));
    }

    #[test]
    fn a_new_way_forgets_what_was_ahead_and_starts_where_one_is() {
        let mut extents = Extents::default();
        rest(&mut extents, A, 0.0);
        rest(&mut extents, B, 4.0);
        assert_eq!(extents.step(-1), Some(A));
        assert!(!extents.note(A, 8.0));
        // Left at once, before it rested.
        assert!(extents.note(D, 9.0));
        assert_eq!((extents.step(-1), extents.step(1), extents.step(1)), (Some(A), Some(D), None));
    }
}
