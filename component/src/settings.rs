//! What the user chose
