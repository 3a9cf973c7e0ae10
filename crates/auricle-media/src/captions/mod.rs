//! Captions that follow the ears.
