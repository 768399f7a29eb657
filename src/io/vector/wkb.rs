//! Well-known binary to plain rings and back: the form in which outlines travel between readers and workers.

use crate::model::Polygons;

/// What a geometry turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Polygons, with the number of rings that were not closed in the source.
    Polygons {
        /// Rings without the repeated last point.
        outline: Polygons,
        /// Rings whose last point was not their first.
        unclosed: usize,
    },
    /// Arcs, which another library turns into straight lines.
    Curved,
    /// Something that encloses no area, by name: `point`, `line`, ….
    Other(&'static str),
    /// The bytes end early or make no sense.
    Damaged,
}

/// Reads a geometry; heights and measures are dropped, polygons of collections are gathered.
pub(super) fn parse(bytes: &[u8]) -> Shape {
    let mut found = Found::default();
    let mut reader = Reader { bytes, at: 0 };
    if reader.geometry(&mut found, 0).is_none() {
        return Shape::Damaged;
    }
    match found {
        Found { curved: true, .. } => Shape::Curved,
        Found { outline, other: Some(name), .. } if outline.parts.is_empty() => Shape::Other(name),
        Found { outline, unclosed, .. } => Shape::Polygons { outline, unclosed },
    }
}

/// Writes an outline as a multipolygon, rings closed.
pub(super) fn write(outline: &Polygons) -> Vec<u8> {
    let points: usize = outline.rings().map(<[_]>::len).sum();
    let mut bytes = Vec::with_capacity(16 + 16 * points + 32 * outline.parts.len());
    let count = |bytes: &mut Vec<u8>, n: usize| bytes.extend_from_slice(&(n as u32).to_le_bytes());
    bytes.push(1);
    count(&mut bytes, MULTI_POLYGON as usize);
    count(&mut bytes, outline.parts.len());
    for part in &outline.parts {
        bytes.push(1);
        count(&mut bytes, POLYGON as usize);
        count(&mut bytes, part.len());
        for ring in part {
            count(&mut bytes, ring.len() + usize::from(!ring.is_empty()));
            for [x, y] in ring.iter().chain(ring.first()) {
                bytes.extend_from_slice(&x.to_le_bytes());
                bytes.extend_from_slice(&y.to_le_bytes());
            }
        }
    }
    bytes
}

const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;

/// Collections inside collections deeper than this are damage, not data.
const MAX_DEPTH: usize = 8;

#[derive(Default)]
struct Found {
    outline: Polygons,
    unclosed: usize,
    curved: bool,
    other: Option<&'static str>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let found = self.bytes.get(self.at..self.at + N)?.try_into().ok()?; // the slice has N bytes
        self.at += N;
        Some(found)
    }

    fn word(&mut self, little: bool) -> Option<u32> {
        let bytes = self.take::<4>()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn number(&mut self, little: bool) -> Option<f64> {
        let bytes = self.take::<8>()?;
        Some(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn geometry(&mut self, found: &mut Found, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let code = self.word(little)?;
        // PostGIS and old OGC writers use high bits for Z, M and the reference number, ISO uses thousands.
        let mut extra = usize::from(code & 0x8000_0000 != 0) + usize::from(code & 0x4000_0000 != 0);
        if code & 0x2000_0000 != 0 {
            self.word(little)?;
        }
        let code = code & 0x0fff_ffff;
        extra += match code / 1000 {
            0 => 0,
            1 | 2 => 1,
            3 => 2,
            _ => return None,
        };
        match code % 1000 {
            POLYGON => self.polygon(found, little, 2 + extra),
            MULTI_POLYGON | 7 => {
                let parts = self.word(little)?;
                (0..parts).try_for_each(|_| self.geometry(found, depth + 1))
            }
            1 => self.other(found, "point", (2 + extra) * 8),
            2 => {
                let points = self.word(little)? as usize;
                self.other(found, "line", points.checked_mul((2 + extra) * 8)?)
            }
            4 | 5 => {
                let parts = self.word(little)?;
                (0..parts).try_for_each(|_| self.geometry(found, depth + 1))
            }
            8..=14 => {
                found.curved = true;
                Some(())
            }
            15..=17 => self.other(found, "surface mesh", 0),
            _ => None,
        }
    }

    fn other(&mut self, found: &mut Found, name: &'static str, bytes: usize) -> Option<()> {
        found.other = Some(name);
        self.at = self.at.checked_add(bytes).filter(|&end| end <= self.bytes.len())?;
        Some(())
    }

    fn polygon(&mut self, found: &mut Found, little: bool, dimensions: usize) -> Option<()> {
        let rings = self.word(little)?;
        let mut part = Vec::new();
        for _ in 0..rings {
            let points = self.word(little)? as usize;
            // A count that the bytes cannot hold is damage; never allocate for it.
            if points.checked_mul(dimensions * 8)? > self.bytes.len() - self.at {
                return None;
            }
            let mut ring = Vec::with_capacity(points);
            for _ in 0..points {
                ring.push([self.number(little)?, self.number(little)?]);
                self.at += (dimensions - 2) * 8;
            }
            if ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            } else {
                found.unclosed += usize::from(!ring.is_empty() && ring.iter().flatten().all(|number| number.is_finite()));
            }
            if !ring.is_empty() {
                part.push(ring);
            }
        }
        if !part.is_empty() {
            found.outline.parts.push(part);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gdal::vector::Geometry;

    fn of(wkt: &str) -> Shape {
        parse(&Geometry::from_wkt(wkt).expect("WKT").wkb().expect("WKB"))
    }

    #[test]
    fn polygons_with_holes_and_parts_come_back_as_gdal_writes_them() {
        let wkt = "MULTIPOLYGON (((0 0,9 0,9 9,0 0),(1 0.5,2 0.5,2 1,1 0.5)),((20 0,21 0,21 1,20 0)))";
        let Shape::Polygons { outline, unclosed } = of(wkt) else { panic!("polygons expected") };
        assert_eq!((outline.parts.len(), outline.parts[0].len(), outline.parts[0][0].len(), unclosed), (2, 2, 3, 0));
        let again = Geometry::from_wkb(&write(&outline)).expect("WKB");
        assert_eq!(again, Geometry::from_wkt(wkt).expect("WKT"));
    }

    #[test]
    fn heights_are_dropped_and_byte_order_does_not_matter() {
        let Shape::Polygons { outline, .. } = of("POLYGON Z ((0 0 5,9 0 6,9 9 7,0 0 5))") else { panic!("polygons expected") };
        assert_eq!(outline.parts, vec![vec![vec![[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]]]]);
        let mut big = vec![0, 0, 0, 0x0b, 0xbb, 0, 0, 0, 1, 0, 0, 0, 1]; // ISO polygon ZM, one ring, one point
        big.extend([1.0f64, 2.0, 3.0, 4.0].iter().flat_map(|number| number.to_be_bytes()));
        assert!(matches!(parse(&big), Shape::Polygons { outline, unclosed: 1 } if outline.parts[0][0] == [[1.0, 2.0]]));
    }

    #[test]
    fn open_rings_curves_other_kinds_and_damage_are_told_apart() {
        assert!(matches!(of("POLYGON ((0 0,9 0,9 9,0 9))"), Shape::Polygons { unclosed: 1, .. }));
        assert_eq!(of("POINT (1 2)"), Shape::Other("point"));
        assert_eq!(of("MULTILINESTRING ((1 2,3 4),(5 6,7 8))"), Shape::Other("line"));
        assert_eq!(of("CURVEPOLYGON (CIRCULARSTRING (0 0,1 1,2 0,1 -1,0 0))"), Shape::Curved);
        assert!(matches!(of("POLYGON EMPTY"), Shape::Polygons { outline, unclosed: 0 } if outline.is_empty()));
        let whole = Geometry::from_wkt("POLYGON ((0 0,9 0,9 9,0 0))").expect("WKT").wkb().expect("WKB");
        for end in 0..whole.len() {
            assert_eq!(parse(&whole[..end]), Shape::Damaged, "{end}");
        }
    }

    #[test]
    fn polygons_of_a_collection_count_and_its_points_do_not() {
        let shape = of("GEOMETRYCOLLECTION (POINT (1 2),POLYGON ((0 0,9 0,9 9,0 0)))");
        assert!(matches!(shape, Shape::Polygons { outline, .. } if outline.parts.len() == 1));
    }
}
