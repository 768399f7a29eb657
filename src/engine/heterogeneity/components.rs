//! Connected pixels of equal labels.

use crate::model::foi::Connectivity;

/// The component of pixels that belong to none.
pub(super) const NONE: u32 = u32::MAX;

/// Connected pixels of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Component<L> {
    /// Their label.
    pub label: L,
    /// How many.
    pub pixels: u32,
}

/// The component of each pixel, and the components in the order of their first pixels.
///
/// `label` gives the label of a pixel, `None` for one that takes no part: no component leads through it. One pass, one entry of a
/// stack a pixel.
pub(super) fn components<L: Copy + PartialEq>(
    width: usize,
    pixels: usize,
    connectivity: Connectivity,
    label: impl Fn(usize) -> Option<L>,
) -> (Vec<u32>, Vec<Component<L>>) {
    let mut of = vec![NONE; pixels];
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for first in 0..pixels {
        let Some(own) = label(first).filter(|_| of[first] == NONE) else { continue };
        let number = found.len() as u32;
        let mut count = 0;
        of[first] = number;
        stack.push(first);
        while let Some(at) = stack.pop() {
            count += 1;
            neighbours(at, width, pixels, connectivity, |near| {
                if of[near] == NONE && label(near) == Some(own) {
                    of[near] = number;
                    stack.push(near);
                }
            });
        }
        found.push(Component { label: own, pixels: count });
    }
    (of, found)
}

/// Neighbours of a pixel on the grid, those with a common side first.
pub(super) fn neighbours(at: usize, width: usize, pixels: usize, connectivity: Connectivity, mut take: impl FnMut(usize)) {
    let (west, east) = (!at.is_multiple_of(width), !(at + 1).is_multiple_of(width));
    let (north, south) = (at >= width, at + width < pixels);
    let mut near = |is: bool, place: usize| {
        if is {
            take(place);
        }
    };
    // Where a neighbour is missing its place is not taken: that it may wrap does no harm.
    let up = at.wrapping_sub(width);
    near(north, up);
    near(west, at.wrapping_sub(1));
    near(east, at + 1);
    near(south, at + width);
    if connectivity == Connectivity::Eight {
        near(north && west, up.wrapping_sub(1));
        near(north && east, up.wrapping_add(1));
        near(south && west, (at + width).wrapping_sub(1));
        near(south && east, at + width + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(text: &str, connectivity: Connectivity) -> Vec<(u8, u32)> {
        let width = text.find(' ').unwrap_or(text.len());
        let labels: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
        let (of, found) = components(width, labels.len(), connectivity, |at| Some(labels[at]).filter(|label| *label != b'.'));
        for (at, own) in of.iter().enumerate() {
            assert_eq!(*own == NONE, labels[at] == b'.', "pixel {at}");
        }
        found.into_iter().map(|own| (own.label, own.pixels)).collect()
    }

    #[test]
    fn corners_connect_eight_neighbours_only() {
        let text = "a.a .a. a.b";
        assert_eq!(sizes(text, Connectivity::Eight), [(b'a', 4), (b'b', 1)]);
        assert_eq!(sizes(text, Connectivity::Four), [(b'a', 1), (b'a', 1), (b'a', 1), (b'a', 1), (b'b', 1)]);
    }

    #[test]
    fn a_row_does_not_go_on_at_the_other_side_of_the_grid() {
        assert_eq!(sizes("..a a..", Connectivity::Eight), [(b'a', 1), (b'a', 1)]);
        assert_eq!(sizes("aaa a.a aaa", Connectivity::Four), [(b'a', 8)]);
    }
}
