//! The instances of a pack, by id. An id is reused only after two billion others.

use crate::Actor;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub(crate) struct Instance {
    pub actor: Box<dyn Actor>,
    /// A result or an error kept for `take`, and its length.
    pub kept: Option<(Vec<u64>, usize)>,
    /// After a panic the state of the actor is undefined.
    pub broken: bool,
}

/// Ids are sequential: hashing only has to fill the upper bits, which the map uses.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("ids are u32")
    }

    fn write_u32(&mut self, id: u32) {
        self.0 = u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

type Shared = Arc<Mutex<Instance>>;
type Ids = HashMap<u32, Shared, BuildHasherDefault<IdHasher>>;

pub(crate) struct Table {
    inner: RwLock<(u32, Option<Ids>)>,
}

impl Table {
    pub const fn new() -> Self {
        Self { inner: RwLock::new((0, None)) }
    }

    pub fn add(&self, actor: Box<dyn Actor>) -> u32 {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let (last, ids) = &mut *inner;
        let ids = ids.get_or_insert_default();
        loop {
            *last = if *last >= i32::MAX as u32 { 1 } else { *last + 1 };
            if !ids.contains_key(last) {
                break;
            }
        }
        ids.insert(*last, Arc::new(Mutex::new(Instance { actor, kept: None, broken: false })));
        *last
    }

    pub fn find(&self, id: u32) -> Option<Shared> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.1.as_ref()?.get(&id).cloned()
    }

    /// The caller drops the removed value, outside the lock.
    pub fn remove(&self, id: u32) -> Option<Shared> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.1.as_mut()?.remove(&id)
    }

    pub fn clear(&self) -> impl Iterator<Item = Shared> + use<> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.1.take().unwrap_or_default().into_values()
    }
}
