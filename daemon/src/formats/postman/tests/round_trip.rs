//! What is exported and imported is the same.

use super::*;
