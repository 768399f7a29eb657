//! Classes of colours by the nearest of reference colours.

use std::cmp::Ordering;

/// Reference colours with their classes, ready to be searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Colours {
    /// Sorted by red; the last number is the place in the order in which they were given.
    sorted: Vec<Reference>,
    nearest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Reference {
    colour: [f64; 3],
    class: f64,
    place: usize,
}

/// A reference colour that is near: squared distance, place, class.
type Near = (f64, usize, f64);

impl Colours {
    /// Red, green, blue and class of each; the `nearest` so many decide.
    pub fn new(references: &[[f64; 4]], nearest: usize) -> Self {
        let of = |(place, &[red, green, blue, class]): (usize, &[f64; 4])| Reference { colour: [red, green, blue], class, place };
        let mut sorted: Vec<Reference> = references.iter().enumerate().map(of).collect();
        sorted.sort_by(|a, b| a.colour[0].total_cmp(&b.colour[0]));
        Self { sorted, nearest: nearest.max(1) }
    }

    /// Class of a colour: that of most of the nearest references, of equally many the smaller one. Of references that are equally far
    /// the one given first is nearer.
    ///
    /// * **NaN:** a colour that lacks a value has none; the class is `NaN` as well without references.
    /// * **Cost:** those references whose red is not farther away than the nearest ones are looked at.
    /// * **Source:** `KNeighborsClassifier` of scikit-learn, as the JRC framework's `band_filter` uses it. `near` is used again.
    pub fn class(&self, colour: [f64; 3], near: &mut Vec<Near>) -> f64 {
        near.clear();
        if colour.iter().any(|value| value.is_nan()) {
            return f64::NAN;
        }
        let middle = self.sorted.partition_point(|own| own.colour[0] < colour[0]);
        let (below, above) = self.sorted.split_at(middle);
        self.search(below.iter().rev(), colour, near);
        self.search(above.iter(), colour, near);
        // Each class with how many are of it.
        let count = |class: f64| near.iter().filter(|own| own.2 == class).count();
        let better = |a: &f64, b: &f64| count(*a).cmp(&count(*b)).then(b.total_cmp(a));
        near.iter().map(|own| own.2).max_by(better).unwrap_or(f64::NAN)
    }

    /// Keeps the nearest of references whose red is farther and farther away.
    fn search<'s>(&self, references: impl Iterator<Item = &'s Reference>, colour: [f64; 3], near: &mut Vec<Near>) {
        for own in references {
            let [red, green, blue] = [0, 1, 2].map(|at| (own.colour[at] - colour[at]).powi(2));
            let full = near.len() == self.nearest;
            if full && near.last().is_some_and(|last| red > last.0) {
                return;
            }
            let found = (red + green + blue, own.place, own.class);
            let at = near.partition_point(|other| order(other, &found) == Ordering::Less);
            if at < self.nearest {
                near.truncate(self.nearest - 1);
                near.insert(at, found);
            }
        }
    }
}

/// Nearer first, of equally near ones the one given first.
fn order(a: &Near, b: &Near) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(references: &[[f64; 4]], nearest: usize, colour: [f64; 3]) -> f64 {
        Colours::new(references, nearest).class(colour, &mut Vec::new())
    }

    #[test]
    fn the_nearest_colours_decide_by_number() {
        let references = [[0.0, 0.0, 0.0, 3.0], [9.0, 0.0, 0.0, 4.0], [0.0, 8.0, 0.0, 4.0], [200.0, 90.0, 30.0, 5.0]];
        assert_eq!(class(&references, 1, [1.0, 1.0, 1.0]), 3.0);
        assert_eq!(class(&references, 3, [1.0, 1.0, 1.0]), 4.0);
        assert_eq!(class(&references, 2, [1.0, 1.0, 1.0]), 3.0, "of equally many the smaller class");
        assert_eq!(class(&references, 50, [200.0, 90.0, 30.0]), 4.0, "all of them");
        assert!(class(&references, 3, [1.0, f64::NAN, 1.0]).is_nan() && class(&[], 3, [0.0; 3]).is_nan());
    }

    #[test]
    fn of_equally_far_colours_the_first_given_is_nearer() {
        let references = [[12.0, 0.0, 0.0, 7.0], [8.0, 0.0, 0.0, 6.0]];
        assert_eq!(class(&references, 1, [10.0, 0.0, 0.0]), 7.0);
        assert_eq!(class(&[references[1], references[0]], 1, [10.0, 0.0, 0.0]), 6.0);
    }
}
