//! What is written.

use super::*;
