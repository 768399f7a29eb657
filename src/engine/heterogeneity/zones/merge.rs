//! From labels of several periods to a few compact zones that fill the grid.

use std::collections::BTreeMap;

use crate::model::foi::Connectivity;
use crate::model::zones::ZoneParams;

use super::super::components::{Component, NONE, components, neighbours};

/// Zones of all pixels of a grid, also of those outside the parcel.
pub(super) struct Labels {
    /// 1..=`count`, the zone with most pixels of the parcel first.
    pub of: Vec<u8>,
    /// Number of zones.
    pub count: u8,
}

/// Labels of a pixel in up to three periods; 0 is no label.
type Key = [u8; 3];

/// Class of a pixel that has none.
const UNKNOWN: u16 = u16::MAX;

/// Merges what the periods say into at most `max_zones` zones; `None` when no pixel of the parcel has a label.
pub(super) fn zones(periods: &[&[u8]], inside: &[bool], width: usize, params: ZoneParams) -> Option<Labels> {
    let key = |at: usize| {
        let mut own: Key = [0; 3];
        own.iter_mut().zip(periods).for_each(|(own, labels)| *own = labels[at]);
        Some(own).filter(|own| inside[at] && *own != [0; 3])
    };
    let mut keys: Vec<Key> = (0..inside.len()).filter_map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return None;
    }
    let class = |at: usize| key(at).and_then(|own| keys.binary_search(&own).ok()).map_or(UNKNOWN, |own| own as u16);
    let mut map = Map { classes: (0..inside.len()).map(class).collect(), keys, width, periods: periods.len() };
    map.fill_inside(inside);
    map.dissolve(params.min_pixels);
    while map.counts().len() > usize::from(params.max_zones.max(2)) {
        map.merge_smallest();
        map.dissolve(params.min_pixels);
    }
    Some(map.finish())
}

/// A mask of two labels without its small patches, on the whole grid; pixels with 0 take the label of the nearest.
pub(super) fn cleaned(labels: &[u8], inside: &[bool], width: usize, min_pixels: u32) -> Vec<u8> {
    let class = |(label, inside): (&u8, &bool)| if *inside && *label > 0 { u16::from(*label) } else { UNKNOWN };
    // A mask has no thin parts to lose: what is narrow but long enough stays.
    let keys = (0..=255).map(|label| [label, 0, 0]).collect();
    let mut map = Map { classes: labels.iter().zip(inside).map(class).collect(), keys, width, periods: 1 };
    map.fill_inside(inside);
    map.dissolve_if(|patch| patch.pixels < min_pixels);
    filled(&map.classes, width).into_iter().map(|own| own as u8).collect()
}

/// A class for each pixel of the parcel that has labels.
struct Map {
    classes: Vec<u16>,
    /// Labels of each class.
    keys: Vec<Key>,
    width: usize,
    periods: usize,
}

/// A patch of connected pixels in the graph of neighbours.
struct Patch {
    class: u16,
    pixels: u32,
    /// It has a pixel whose neighbours in the parcel are all its own.
    core: bool,
    /// Length of the border with other patches, pixel sides.
    borders: BTreeMap<u32, u32>,
    /// The patch that it went into, itself while it lasts.
    within: u32,
}

impl Map {
    /// Gives pixels of the parcel without a class that of the nearest, so that gaps do not part what belongs together.
    fn fill_inside(&mut self, inside: &[bool]) {
        let all = filled(&self.classes, self.width);
        self.classes.iter_mut().zip(all).zip(inside).filter(|(_, inside)| **inside).for_each(|((own, near), _)| *own = near);
    }

    /// Pixels of each class that is left.
    fn counts(&self) -> BTreeMap<u16, u32> {
        let mut counts = BTreeMap::new();
        for own in self.classes.iter().filter(|own| **own != UNKNOWN) {
            *counts.entry(*own).or_default() += 1;
        }
        counts
    }

    /// How alike two classes are: 1 for classes that differ in every period, and one more for each period in which they do not. A period
    /// without a label says half.
    fn likeness(&self, a: u16, b: u16) -> f64 {
        let alike = |(a, b): (&u8, &u8)| if *a == 0 || *b == 0 { 0.5 } else { f64::from(u8::from(a == b)) };
        let pairs = self.keys[usize::from(a)].iter().zip(&self.keys[usize::from(b)]).take(self.periods);
        1.0 + pairs.map(alike).sum::<f64>()
    }

    /// Small patches, and those that are thin all over as the mixed pixels along a border are, go into what surrounds them.
    fn dissolve(&mut self, min_pixels: u32) {
        loop {
            // Patches that grew together have new cores: looked at again until nothing changes.
            if !self.dissolve_if(|patch| patch.pixels < min_pixels || !patch.core) {
                return;
            }
        }
    }

    /// Dissolves patches, the smallest first; true when one did.
    fn dissolve_if(&mut self, goes: impl Fn(&Patch) -> bool) -> bool {
        let (of, found) = components(self.width, self.classes.len(), Connectivity::Four, |at| {
            Some(self.classes[at]).filter(|own| *own != UNKNOWN)
        });
        let mut patches = self.graph(&of, &found);
        let mut changed = false;
        // Size, then place: a patch that grew meanwhile is found again under its new size.
        let mut queue: std::collections::BTreeSet<(u32, u32)> =
            patches.iter().zip(0..).filter(|(patch, _)| goes(patch)).map(|(patch, at)| (patch.pixels, at)).collect();
        while let Some((_, at)) = queue.pop_first() {
            let Some(class) = self.surrounding(&patches, at) else {
                // A small part of the parcel that lies alone says nothing of its own: it goes with most of the others.
                let other = largest_but(&patches, at);
                changed |= other.is_some_and(|own| own != patches[at as usize].class);
                patches[at as usize].class = other.unwrap_or(patches[at as usize].class);
                continue;
            };
            let hosts: Vec<u32> =
                patches[at as usize].borders.keys().copied().filter(|&own| patches[own as usize].class == class).collect();
            let Some(&host) = hosts.first() else { continue };
            for own in std::iter::once(at).chain(hosts.iter().skip(1).copied()) {
                queue.remove(&(patches[own as usize].pixels, own));
                queue.remove(&(patches[host as usize].pixels, host));
                join(&mut patches, own, host);
            }
            if goes(&patches[host as usize]) {
                queue.insert((patches[host as usize].pixels, host));
            }
            changed = true;
        }
        for (own, &patch) in self.classes.iter_mut().zip(&of).filter(|(_, patch)| **patch != NONE) {
            let mut at = patch;
            while patches[at as usize].within != at {
                at = patches[at as usize].within;
            }
            *own = patches[at as usize].class;
        }
        changed
    }

    fn graph(&self, of: &[u32], found: &[Component<u16>]) -> Vec<Patch> {
        let patch = |(own, within): (&Component<u16>, u32)| Patch {
            class: own.label,
            pixels: own.pixels,
            core: false,
            borders: BTreeMap::new(),
            within,
        };
        let mut patches: Vec<Patch> = found.iter().zip(0..).map(patch).collect();
        for (at, &own) in of.iter().enumerate().filter(|(_, own)| **own != NONE) {
            let mut alone = true;
            neighbours(at, self.width, of.len(), Connectivity::Eight, |near| alone &= of[near] == own || of[near] == NONE);
            let patch = &mut patches[own as usize];
            patch.core |= alone;
            if !alone {
                neighbours(at, self.width, of.len(), Connectivity::Four, |near| {
                    if of[near] != own && of[near] != NONE {
                        *patch.borders.entry(of[near]).or_default() += 1;
                    }
                });
            }
        }
        patches
    }

    /// The class that a patch goes into: with the longest common border, the longer the more alike; `None` for a patch that stands alone.
    fn surrounding(&self, patches: &[Patch], at: u32) -> Option<u16> {
        let own = &patches[at as usize];
        let mut borders: BTreeMap<u16, u32> = BTreeMap::new();
        for (&other, &length) in &own.borders {
            *borders.entry(patches[other as usize].class).or_default() += length;
        }
        let weighed = borders.into_iter().map(|(class, length)| (f64::from(length) * self.likeness(own.class, class), class));
        // Of equal ones the first, that is the lowest class.
        weighed.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, class)| class)
    }

    /// The class with fewest pixels becomes part of the one most alike, of equal ones that with the longest common border.
    fn merge_smallest(&mut self) {
        let counts = self.counts();
        let Some((&smallest, _)) = counts.iter().min_by_key(|(class, pixels)| (**pixels, **class)) else { return };
        let mut borders: BTreeMap<u16, u32> = BTreeMap::new();
        for at in (0..self.classes.len()).filter(|&at| self.classes[at] == smallest) {
            neighbours(at, self.width, self.classes.len(), Connectivity::Four, |near| {
                *borders.entry(self.classes[near]).or_default() += 1;
            });
        }
        let others = counts.keys().copied().filter(|own| *own != smallest);
        let weighed = others.map(|own| (self.likeness(smallest, own), borders.get(&own).copied().unwrap_or(0), own));
        let best = weighed.reduce(|best, next| if (next.0, next.1) > (best.0, best.1) { next } else { best });
        if let Some((_, _, target)) = best {
            self.classes.iter_mut().filter(|own| **own == smallest).for_each(|own| *own = target);
        }
    }

    /// Numbers classes by size and fills what has none.
    fn finish(self) -> Labels {
        let mut order: Vec<(u16, u32)> = self.counts().into_iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let number = |own: &u16| order.iter().position(|(class, _)| class == own).map_or(UNKNOWN, |place| place as u16 + 1);
        let numbered: Vec<u16> = self.classes.iter().map(number).collect();
        Labels { of: filled(&numbered, self.width).into_iter().map(|own| own as u8).collect(), count: order.len() as u8 }
    }
}

/// The class that holds most pixels apart from one patch, of equal ones the lowest.
fn largest_but(patches: &[Patch], at: u32) -> Option<u16> {
    let mut counts: BTreeMap<u16, u32> = BTreeMap::new();
    for (own, _) in patches.iter().zip(0..).filter(|(own, number)| own.within == *number && *number != at) {
        *counts.entry(own.class).or_default() += own.pixels;
    }
    counts.into_iter().reduce(|best, own| if own.1 > best.1 { own } else { best }).map(|(class, _)| class)
}

/// Puts a patch into another.
fn join(patches: &mut [Patch], from: u32, into: u32) {
    let moved = std::mem::take(&mut patches[from as usize].borders);
    for (other, length) in moved {
        patches[other as usize].borders.remove(&from);
        if other != into {
            *patches[other as usize].borders.entry(into).or_default() += length;
            *patches[into as usize].borders.entry(other).or_default() += length;
        }
    }
    let (pixels, core) = (patches[from as usize].pixels, patches[from as usize].core);
    patches[from as usize].within = into;
    patches[into as usize].pixels += pixels;
    patches[into as usize].core |= core;
}

/// Pixels without a class get that of the nearest ones, ring by ring outwards: the class that most of the eight neighbours had before, of
/// equal ones the lowest. Without any class nothing changes.
fn filled(classes: &[u16], width: usize) -> Vec<u16> {
    let mut of = classes.to_vec();
    let pixels = of.len();
    let mut front: Vec<usize> = (0..pixels).filter(|&at| of[at] != UNKNOWN).collect();
    let mut found: Vec<(usize, u16)> = Vec::new();
    while !front.is_empty() {
        let mut next = Vec::new();
        for &at in &front {
            neighbours(at, width, pixels, Connectivity::Four, |near| {
                if of[near] == UNKNOWN {
                    next.push(near);
                }
            });
        }
        next.sort_unstable();
        next.dedup();
        found.clear();
        for &at in &next {
            let mut votes: BTreeMap<u16, u32> = BTreeMap::new();
            neighbours(at, width, pixels, Connectivity::Eight, |near| {
                if of[near] != UNKNOWN {
                    *votes.entry(of[near]).or_default() += 1;
                }
            });
            let best = votes.into_iter().reduce(|best, own| if own.1 > best.1 { own } else { best });
            found.extend(best.map(|(class, _)| (at, class)));
        }
        for &(at, class) in &found {
            of[at] = class;
        }
        front = next;
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (usize, Vec<u8>) {
        let labels = text.bytes().filter(|byte| *byte != b' ').map(|byte| if byte == b'.' { 0 } else { byte - b'0' }).collect();
        (text.find(' ').unwrap_or(text.len()), labels)
    }

    fn zoned(periods: &[&str], max_zones: u8, min_pixels: u32) -> Option<String> {
        let read: Vec<(usize, Vec<u8>)> = periods.iter().map(|text| read(text)).collect();
        let width = read[0].0;
        let labels: Vec<&[u8]> = read.iter().map(|(_, labels)| labels.as_slice()).collect();
        let inside = vec![true; labels[0].len()];
        let found = zones(&labels, &inside, width, ZoneParams { max_zones, min_pixels })?;
        let rows = found.of.chunks(width).map(|row| row.iter().map(u8::to_string).collect::<String>());
        Some(rows.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn islands_dissolve_into_what_surrounds_them() {
        let text = "11122222 11122322 11122222 41122222";
        assert_eq!(zoned(&[text], 4, 4).as_deref(), Some("22211111 22211111 22211111 22211111"));
    }

    #[test]
    fn a_thin_strip_of_mixed_pixels_is_no_zone_however_long() {
        let text = "1111223333 1111223333 1111223333 1111223333 1111223333 1111223333";
        let found = zoned(&[text], 4, 4).expect("labels");
        assert!(!found.contains('3'), "{found}");
        assert!(found.starts_with("1111") && found.ends_with("2222"), "{found}");
    }

    #[test]
    fn classes_that_differ_in_fewer_periods_merge_first() {
        let first = "111111222222 111111222222 111111222222 111111222222";
        let second = "333444555555 333444555555 333444555555 333444555555";
        let found = zoned(&[first, second], 2, 4).expect("labels");
        assert_eq!(found, "111111222222 111111222222 111111222222 111111222222");
        assert_eq!(zoned(&[first, second], 3, 4).expect("labels").split(' ').next(), Some("222333111111"));
    }

    #[test]
    fn pixels_without_a_label_go_to_the_nearest_zone_and_nothing_at_all_is_nothing() {
        assert_eq!(zoned(&["111...222 111...222 111...222"], 4, 1).as_deref(), Some("111112222 111112222 111112222"));
        assert_eq!(zoned(&["... ..."], 4, 1), None);
    }

    #[test]
    fn a_period_without_labels_changes_nothing() {
        let text = "11122222 11122222 11122222";
        let none = "........ ........ ........";
        assert_eq!(zoned(&[text, none, text], 4, 4), zoned(&[text], 4, 4));
    }

    #[test]
    fn masks_keep_narrow_parts_that_are_long_enough() {
        let (width, labels) = read("1111111 1222221 1111111 1121111");
        let of = cleaned(&labels, &[true; 28], width, 3);
        let kept: Vec<usize> = (0..28).filter(|&at| of[at] == 2).collect();
        assert_eq!(kept, [8, 9, 10, 11, 12]);
    }
}
