//! Colours of data: the index ramp, scene classes, grey.

/// The index ramp from brown over white to blue-green at `t` in 0..=1; `t` outside is clamped, `NaN` is transparent.
pub fn index(t: f32) -> [u8; 4] {
    let _ = t;
    todo!()
}

/// Red–yellow–green at `t`, the classic ramp; an option, not the default.
pub fn classic(t: f32) -> [u8; 4] {
    let _ = t;
    todo!()
}

/// Usual colour of a scene class 0..=11; others transparent.
pub fn scene_class(class: u8) -> [u8; 4] {
    let _ = class;
    todo!()
}
