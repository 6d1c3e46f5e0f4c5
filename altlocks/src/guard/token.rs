//! Tokens: whoever holds one has the resource. Borrowed and owned are one, but for how they hold the guard.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{ResourceBusy, ResourceGuard};

/// The resource of a [`ResourceGuard`], while it is held; made by [`ResourceGuard::enter`].
///
/// Reads and writes as the resource. When it is dropped, in whatever way, the resource is free again.
#[must_use = "the resource is free again when the token is dropped"]
pub struct Guarded<'a, T>(Token<&'a ResourceGuard<T>, T>);

/// The resource of a [`ResourceGuard`], while it is held by a token that owns the guard; made by
/// [`ResourceGuard::enter_owned`].
///
/// Reads and writes as the resource. When it is dropped, in whatever way, the resource is free again.
#[must_use = "the resource is free again when the token is dropped"]
pub struct OwnedGuarded<T>(Token<Arc<ResourceGuard<T>>, T>);

impl<'a, T> Guarded<'a, T> {
    #[inline]
    #[track_caller]
    pub(super) fn enter(guard: &'a ResourceGuard<T>) -> Result<Self, ResourceBusy> {
        Token::enter(guard, || guard).map(Self)
    }
}

impl<T> OwnedGuarded<T> {
    #[inline]
    #[track_caller]
    pub(super) fn enter(guard: &Arc<ResourceGuard<T>>) -> Result<Self, ResourceBusy> {
        Token::enter(guard, || Arc::clone(guard)).map(Self)
    }
}

/// How a token reaches its guard.
pub(super) trait Handle<T> {
    fn guard(&self) -> &ResourceGuard<T>;
}

impl<T> Handle<T> for &ResourceGuard<T> {
    fn guard(&self) -> &ResourceGuard<T> {
        self
    }
}

impl<T> Handle<T> for Arc<ResourceGuard<T>> {
    fn guard(&self) -> &ResourceGuard<T> {
        self
    }
}

/// The resource, on loan.
pub(super) struct Token<H: Handle<T>, T> {
    guard: H,
    /// `None` only while the token is dropped.
    resource: Option<T>,
}

impl<H: Handle<T>, T> Token<H, T> {
    /// The handle is made of who is let in only: a refused one would have written to an `Arc` for nothing.
    #[inline]
    #[track_caller]
    pub(super) fn enter(guard: &ResourceGuard<T>, handle: impl FnOnce() -> H) -> Result<Self, ResourceBusy> {
        let resource = guard.take()?;
        Ok(Self { guard: handle(), resource: Some(resource) })
    }

    pub(super) const fn handle(&self) -> &H {
        &self.guard
    }
}

const HERE: &str = "a token has its resource until it is dropped";

impl<H: Handle<T>, T> Deref for Token<H, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.resource.as_ref().expect(HERE)
    }
}

impl<H: Handle<T>, T> DerefMut for Token<H, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.resource.as_mut().expect(HERE)
    }
}

impl<H: Handle<T>, T> Drop for Token<H, T> {
    fn drop(&mut self) {
        // The guard itself is dropped after this, if the token was its last owner: with the resource in it.
        if let Some(resource) = self.resource.take() {
            self.guard.guard().give_back(resource);
        }
    }
}

macro_rules! token {
    ($name:ident, $token:ty) => {
        impl<T> Deref for $token {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T> DerefMut for $token {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.0
            }
        }

        /// Asks nothing of `T`, so that a result can be unwrapped whatever the resource is.
        impl<T> fmt::Debug for $token {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let name = self.0.guard.guard().name();
                f.debug_struct(stringify!($name)).field("resource", &name).finish_non_exhaustive()
            }
        }
    };
}

token!(Guarded, Guarded<'_, T>);
token!(OwnedGuarded, OwnedGuarded<T>);
