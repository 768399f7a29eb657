//! Backgrounds: the project's own newest clear image in true colour. Maps of others are not fetched on behalf of clients.

use crate::contract::write::{self, NOTHING};
use crate::project::served::{self, BackgroundFormat, BackgroundWanted};
use crate::serve::asked::Asked;
use crate::serve::reply::{Refusal, Reply};
use crate::serve::site::BACKGROUND;

/// `backgroundByLocation`.
pub fn by_location(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let place = asked.parameters.place()?;
    picture(asked, place, false)
}

/// `backgroundByParcelID`; `withGeometry` draws the outline.
pub fn by_parcel(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    match super::parcels::centre(asked)? {
        Some(place) => picture(asked, place, asked.parameters.flag("withGeometry", false)),
        None => Ok(Reply::json_as_page(NOTHING)),
    }
}

fn picture(asked: &Asked<'_>, place: [f64; 2], outlined: bool) -> Result<Reply, Refusal> {
    let parameters = asked.parameters;
    let side = parameters.number("chipsize", 256.0, 1.0..=2048.0)?.round() as usize;
    let extent_m = parameters.number("extend", 256.0, 1.0..=20_000.0)?;
    if parameters.get("tms").is_some_and(|name| !name.eq_ignore_ascii_case(BACKGROUND)) {
        return Ok(Reply::json_as_page(NOTHING));
    }
    let (format, ending) = match (parameters.get("iformat").unwrap_or("png"), parameters.has("raw")) {
        ("tif", _) => (BackgroundFormat::Tiff, "tif"),
        ("png", true) => (BackgroundFormat::Png, "png"),
        ("png", false) => (BackgroundFormat::Address, "png"),
        _ => return Err(Refusal::Wrong("iformat is png or tif.".to_owned())),
    };
    let outline = if outlined { asked.parcel()? } else { None };
    let wanted = BackgroundWanted { place, side, extent_m, outline, format };
    let env = &asked.site.env;
    if format == BackgroundFormat::Address {
        let source = served::background(env, &wanted, None)?;
        return Ok(source.map_or_else(|| Reply::json_as_page(NOTHING), |source| Reply::page(write::image_page(&source))));
    }
    let files = &asked.site.files;
    let [lon, lat] = place;
    let folder = files.folder(&format!("B{lon}_{lat}_{side}_{extent_m}_{}", outline.map_or(-1, |parcel| i64::from(parcel.0))));
    let name = format!("{BACKGROUND}.{ending}");
    let made = files.ensure(&folder, &name, |path| Ok(served::background(env, &wanted, Some(path))?.is_some()))?;
    // A bare relative path, without the slash that chips have.
    Ok(Reply::page(if made { format!("static/tmp/{folder}/{name}") } else { NOTHING.to_owned() }))
}
