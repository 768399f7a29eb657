//! Pictures as textures: each picture is uploaded once, within a budget of bytes and of uploads a frame.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use egui::{ColorImage, Context, TextureHandle, TextureId, TextureOptions};

use crate::project::queries::picture::ChipPicture;

/// Textures of pictures, least recently used ones leave first.
///
/// The key is the picture's address. The cache keeps a weak reference beside it, so the address is not given to another
/// picture while its texture lives.
pub struct Textures {
    entries: HashMap<usize, Entry>,
    bytes: usize,
    budget_bytes: usize,
    uploads_per_frame: u32,
    uploads_left: u32,
    frame: u64,
}

struct Entry {
    picture: Weak<ChipPicture>,
    handle: TextureHandle,
    bytes: usize,
    used: u64,
}

impl Default for Textures {
    /// 64 MB, 24 uploads a frame: a frame of uploads stays far below 16 ms.
    fn default() -> Self {
        Self::new(64 << 20, 24)
    }
}

impl Textures {
    /// An empty cache.
    pub fn new(budget_bytes: usize, uploads_per_frame: u32) -> Self {
        Self { entries: HashMap::new(), bytes: 0, budget_bytes, uploads_per_frame, uploads_left: uploads_per_frame, frame: 0 }
    }

    /// Once a frame, before the first [`Textures::get`]: frees textures of pictures that are gone and grants new uploads.
    pub fn begin_frame(&mut self, frame: u64) {
        if frame == self.frame {
            return; // A second pass of the same frame.
        }
        self.frame = frame;
        self.uploads_left = self.uploads_per_frame;
        self.entries.retain(|_, entry| entry.picture.strong_count() > 0);
        self.bytes = self.entries.values().map(|entry| entry.bytes).sum();
    }

    /// The texture of a picture. `None` when the picture has no pixels, or when this frame has uploaded enough; then
    /// another frame is requested.
    pub fn get(&mut self, ctx: &Context, picture: &Arc<ChipPicture>) -> Option<TextureId> {
        let key = Arc::as_ptr(picture) as usize;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.used = self.frame;
            return Some(entry.handle.id());
        }
        let pixels = picture.picture.as_ref()?;
        if pixels.width == 0 || pixels.height == 0 || pixels.rgba.len() != pixels.width * pixels.height * 4 {
            return None;
        }
        if self.uploads_left == 0 {
            ctx.request_repaint();
            return None;
        }
        self.uploads_left -= 1;
        let image = ColorImage::from_rgba_unmultiplied([pixels.width, pixels.height], &pixels.rgba);
        let handle = ctx.load_texture("chip", image, TextureOptions::NEAREST);
        let (id, bytes) = (handle.id(), pixels.rgba.len());
        self.bytes += bytes;
        self.entries.insert(key, Entry { picture: Arc::downgrade(picture), handle, bytes, used: self.frame });
        self.evict();
        Some(id)
    }

    /// Number of textures held.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True before the first upload.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Memory of the textures held, bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn evict(&mut self) {
        while self.bytes > self.budget_bytes {
            let oldest =
                self.entries.iter().filter(|(_, entry)| entry.used < self.frame).min_by_key(|(key, entry)| (entry.used, **key));
            let Some((&key, _)) = oldest else { break }; // Everything left is on screen.
            if let Some(entry) = self.entries.remove(&key) {
                self.bytes -= entry.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stretch::Picture;
    use crate::project::queries::chip::ParcelChip;

    fn picture(edge: usize) -> Arc<ChipPicture> {
        let picture = Picture { width: edge, height: edge, rgba: vec![255; edge * edge * 4], limits: vec![(0.0, 1.0)] };
        let chip = Arc::new(ParcelChip { chip: None, outline: Vec::new(), neighbours: Vec::new() });
        Arc::new(ChipPicture { picture: Some(picture), masked: Vec::new(), chip })
    }

    #[test]
    fn a_picture_is_uploaded_once() {
        let ctx = Context::default();
        let mut textures = Textures::new(1 << 20, 8);
        textures.begin_frame(1);
        let one = picture(4);
        assert_eq!(textures.get(&ctx, &one), textures.get(&ctx, &one));
        assert_eq!((textures.len(), textures.bytes()), (1, 64));
    }

    #[test]
    fn a_frame_uploads_no_more_than_granted_and_the_next_goes_on() {
        let ctx = Context::default();
        let mut textures = Textures::new(1 << 20, 2);
        let pictures: Vec<_> = (0..3).map(|_| picture(4)).collect();
        textures.begin_frame(1);
        assert_eq!(pictures.iter().filter(|picture| textures.get(&ctx, picture).is_some()).count(), 2);
        textures.begin_frame(2);
        assert_eq!(pictures.iter().filter(|picture| textures.get(&ctx, picture).is_some()).count(), 3);
    }

    #[test]
    fn the_least_recently_used_texture_leaves_first_and_dropped_pictures_are_freed() {
        let ctx = Context::default();
        let mut textures = Textures::new(2 * 64, 8);
        let (old, kept, new) = (picture(4), picture(4), picture(4));
        textures.begin_frame(1);
        textures.get(&ctx, &old);
        textures.begin_frame(2);
        textures.get(&ctx, &kept);
        textures.begin_frame(3);
        textures.get(&ctx, &new);
        assert_eq!(textures.bytes(), 2 * 64);
        assert!(!textures.entries.contains_key(&(Arc::as_ptr(&old) as usize)));
        drop(kept);
        textures.begin_frame(4);
        assert_eq!(textures.len(), 1);
    }
}
