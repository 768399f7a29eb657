//! What one entry does to the state of its parcel.

use std::collections::HashMap;

use crate::model::review::{Act, Entry, EntryId, Opinion, ParcelReview};

/// Adds an entry that counts. [`settle`] has to follow.
pub(super) fn apply(state: &mut ParcelReview, entry: &Entry) {
    let user = || entry.user.clone();
    match &entry.act {
        Act::Decide(decided) => {
            let opinion = Opinion {
                entry: entry.id.clone(),
                time: entry.time,
                decided: decided.as_ref().clone(),
                note: String::new(), // Comes with `settle`.
            };
            state.opinions.insert(user(), opinion);
            state.deferred = false;
        }
        Act::Clear => {
            state.opinions.remove(&entry.user);
            state.deferred = false;
        }
        Act::Defer => state.deferred = true,
        Act::Flag { reason } => state.flag = Some((reason.clone(), user())),
        Act::Unflag => state.flag = None,
        Act::Note { text } if text.is_empty() => {
            state.notes.remove(&entry.user);
        }
        Act::Note { text } => {
            state.notes.insert(user(), text.clone());
        }
        Act::Pin(pin) => state.pins.push((entry.id.clone(), pin.as_ref().clone())),
        Act::Unpin { entry: pin } => state.pins.retain(|(own, _)| own != pin),
        Act::Attach(photo) => state.photos.push((entry.id.clone(), photo.as_ref().clone())),
        Act::Detach { entry: photo } => state.photos.retain(|(own, _)| own != photo),
        Act::Resolve(resolved) => state.resolved = Some((user(), entry.time, resolved.as_ref().clone())),
        // They change which entries count, not what a parcel says.
        Act::Undo { .. } | Act::Redo { .. } => {}
    }
}

/// Brings what follows from the rest up to date: notes beside verdicts, and the latest verdict.
pub(super) fn settle(state: &mut ParcelReview, places: &HashMap<EntryId, usize>) {
    let ParcelReview { opinions, notes, latest, .. } = state;
    for (user, opinion) in opinions.iter_mut() {
        let note = notes.get(user).map_or("", String::as_str);
        if opinion.note != note {
            note.clone_into(&mut opinion.note);
        }
    }
    // Times may be equal, places are not.
    let newest = opinions.iter().max_by_key(|(_, opinion)| places.get(&opinion.entry));
    *latest = newest.map(|(user, opinion)| (user.clone(), opinion.clone()));
}
