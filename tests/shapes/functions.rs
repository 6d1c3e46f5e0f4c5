//! The functions, under whatever attributes the macro is given.

macro_rules! functions {
    ($(#[$($attribute:tt)*])*) => {
        use std::future::Future;
        use std::pin::Pin;
        use std::rc::Rc;
        use std::sync::Arc;

        use crate::Error;

        /// Every receiver.
        #[derive(Debug, Default)]
        pub(super) struct Receiver(pub(super) u8);

        impl Receiver {
            /// Documented, and hidden from nobody.
            $(#[$($attribute)*])*
            #[must_use = "attributes stay"]
            pub(super) async fn by_reference(&self) -> Result<u8, Error> {
                tokio::task::yield_now().await;
                Ok(self.0)
            }

            $(#[$($attribute)*])*
            async fn by_unique_reference(&mut self) -> Result<&mut u8, Error> {
                tokio::task::yield_now().await;
                self.0 += 1;
                Ok(&mut self.0)
            }

            $(#[$($attribute)*])*
            async fn by_value(self) -> Result<Self, Error> {
                Ok(self)
            }

            $(#[$($attribute)*])*
            async fn by_mutable_value(mut self) -> Result<Self, Error> {
                self.0 += 1;
                Ok(self)
            }

            $(#[$($attribute)*])*
            async fn by_box(self: Box<Self>) -> Result<u8, Error> {
                Ok(self.0)
            }

            $(#[$($attribute)*])*
            async fn by_arc(self: Arc<Self>) -> Result<u8, Error> {
                Ok(self.0)
            }

            $(#[$($attribute)*])*
            #[allow(clippy::future_not_send)]
            async fn by_rc(self: Rc<Self>) -> Result<u8, Error> {
                tokio::task::yield_now().await;
                Ok(self.0)
            }

            $(#[$($attribute)*])*
            async fn by_pin(self: Pin<&mut Self>) -> Result<u8, Error> {
                Ok(self.0)
            }

            $(#[$($attribute)*])*
            async fn by_nothing() -> Result<Self, Error> {
                Ok(Self::default())
            }
        }

        $(#[$($attribute)*])*
        async fn generic<T, const N: usize>(all: [T; N], at: usize) -> Result<T, Error>
        where
            T: Copy + Send,
            [T; N]: Send,
        {
            all.get(at).copied().ok_or(Error::Own)
        }

        $(#[$($attribute)*])*
        async fn lifetimes<'a, 'b: 'a>(a: &'a str, b: &'b str) -> Result<(&'a str, &'b str), Error> {
            Ok((a, b))
        }

        $(#[$($attribute)*])*
        async fn elided(text: &str) -> Result<&str, Error> {
            text.get(1..).ok_or(Error::Own)
        }

        $(#[$($attribute)*])*
        async fn impl_in_and_out(all: impl Iterator<Item = u8> + Clone + Send) -> Result<impl Iterator<Item = u8>, Error> {
            Ok(all.clone().chain(all))
        }

        $(#[$($attribute)*])*
        async fn patterns((a, mut b): (u8, u8), [first, ..]: [u8; 3], Receiver(c): Receiver, _: &str) -> Result<u8, Error> {
            b += 1;
            Ok(a + b + first + c)
        }

        $(#[$($attribute)*])*
        async fn configured(#[cfg(all())] a: u8, #[cfg(any())] b: u8) -> Result<u8, Error> {
            Ok(a)
        }

        $(#[$($attribute)*])*
        async fn inner_attributes() -> Result<u8, Error> {
            #![allow(non_snake_case)]
            let One = 1;
            Ok(One)
        }

        $(#[$($attribute)*])*
        async fn items_within() -> Result<u8, Error> {
            const ONE: u8 = 1;
            use std::fmt::Write as _;
            let mut text = String::new();
            write!(text, "{}", ONE).map_err(|_| Error::Own)?;
            Ok(if text.len() == 1 { ONE + 1 } else { ONE })
        }

        /// The names that expansions like to use, as arguments and as locals.
        $(#[$($attribute)*])*
        async fn colliding(output: u8, permit: u8, refusal: u8, breaker: u8, throttle: u8, guard: u8) -> Result<u8, Error> {
            let (outcome, pass, guarded, future) = (output, permit, refusal, breaker);
            let sum = outcome + pass + guarded + future;
            Ok(sum + throttle + guard)
        }

        $(#[$($attribute)*])*
        async fn returns_within(by: u8) -> Result<u8, Error> {
            for n in 0.. {
                if n == by {
                    return if n == 3 { Err(Error::Own) } else { Ok(n) };
                }
            }
            Err(Error::Own)
        }

        $(#[$($attribute)*])*
        async fn option(value: Option<u8>) -> Option<u8> {
            Some(value? + 1)
        }

        /// Holds across an await what cannot be sent.
        $(#[$($attribute)*])*
        #[allow(clippy::future_not_send)]
        async fn not_send() -> Result<u8, Error> {
            let value = Rc::new(4);
            tokio::task::yield_now().await;
            Ok(*value)
        }

        $(#[$($attribute)*])*
        fn opaque(value: &u8) -> impl Future<Output = Result<u8, Error>> + Send + '_ {
            let value = *value;
            async move {
                tokio::task::yield_now().await;
                Ok(value)
            }
        }

        $(#[$($attribute)*])*
        fn boxed<'a>(value: &'a u8) -> Pin<Box<dyn Future<Output = Result<u8, Error>> + Send + 'a>> {
            Box::pin(async move {
                if *value == 0 {
                    return Err(Error::Own);
                }
                Ok(*value)
            })
        }

        $(#[$($attribute)*])*
        fn ready(value: u8) -> impl Future<Output = Result<u8, Error>> + Send {
            if value == 0 {
                return std::future::ready(Err(Error::Own));
            }
            std::future::ready(Ok(value))
        }

        /// Native async functions in traits.
        trait Native {
            fn value(&self) -> u8;

            $(#[$($attribute)*])*
            #[allow(clippy::future_not_send)]
            async fn provided(&self) -> Result<u8, Error> {
                Ok(self.value() + 1)
            }

            async fn required(&self) -> Result<u8, Error>;
        }

        impl Native for Receiver {
            fn value(&self) -> u8 {
                self.0
            }

            $(#[$($attribute)*])*
            async fn required(&self) -> Result<u8, Error> {
                tokio::task::yield_now().await;
                Ok(self.0)
            }
        }

        /// What `#[async_trait]` leaves.
        #[async_trait::async_trait]
        trait Boxed: Sync {
            fn value(&self) -> u8;

            $(#[$($attribute)*])*
            async fn provided(&self, text: &str) -> Result<usize, Error> {
                tokio::task::yield_now().await;
                Ok(usize::from(self.value()) + text.len())
            }

            async fn required(&mut self) -> Result<u8, Error>;
        }

        #[async_trait::async_trait]
        impl Boxed for Receiver {
            fn value(&self) -> u8 {
                self.0
            }

            $(#[$($attribute)*])*
            async fn required(&mut self) -> Result<u8, Error> {
                self.0 += 1;
                tokio::task::yield_now().await;
                Ok(self.0)
            }
        }

        $(#[$($attribute)*])*
        #[async_recursion::async_recursion]
        async fn recursion_above(depth: u8) -> Result<u8, Error> {
            if depth == 0 { Ok(0) } else { Ok(1 + recursion_above(depth - 1).await.unwrap_or(100)) }
        }

        #[async_recursion::async_recursion]
        $(#[$($attribute)*])*
        async fn recursion_below(depth: u8) -> Result<u8, Error> {
            if depth == 0 { Ok(0) } else { Ok(1 + recursion_below(depth - 1).await.unwrap_or(100)) }
        }

        macro_rules! made {
            ($vis:vis $name:ident($arg:ident: $of:ty) -> $ret:ty $body:block) => {
                $(#[$($attribute)*])*
                $vis async fn $name($arg: $of) -> $ret $body
            };
        }

        made!(pub(super) by_macro(value: u8) -> Result<u8, Error> { Ok(value) });

        /// Nothing of the prelude.
        mod without_prelude {
            #![no_implicit_prelude]

            use ::std::result::Result::Ok as Fine;

            $(#[$($attribute)*])*
            pub(super) async fn load(value: u8) -> ::std::result::Result<u8, crate::Error> {
                Fine(value)
            }
        }

        /// Other things by the names of the prelude.
        #[allow(non_snake_case, dead_code, clippy::missing_const_for_fn)]
        mod shadowed {
            type Result = crate::Error;
            struct Option;
            struct Some;
            struct None;
            struct Box;
            fn Ok(_: u8) -> Result {
                crate::Error::Own
            }
            fn Err(_: u8) -> Result {
                crate::Error::Own
            }
            fn drop(_: u8) {}

            $(#[$($attribute)*])*
            pub(super) async fn load(value: u8) -> ::std::result::Result<u8, crate::Error> {
                ::std::result::Result::Ok(value)
            }
        }

        // The tests run at the same time: what a guard is on is called by one of them alone.
        #[tokio::test]
        async fn receivers() {
            let mut receiver = Receiver(1);
            assert_eq!(receiver.by_reference().await, Ok(1));
            assert_eq!(receiver.by_unique_reference().await, Ok(&mut 2));
            assert_eq!(Pin::new(&mut receiver).by_pin().await, Ok(2));
            let receiver = receiver.by_value().await.unwrap().by_mutable_value().await.unwrap();
            assert_eq!(receiver.0, 3);
            assert_eq!(Box::new(Receiver(4)).by_box().await, Ok(4));
            assert_eq!(Arc::new(Receiver(5)).by_arc().await, Ok(5));
            assert_eq!(Rc::new(Receiver(6)).by_rc().await, Ok(6));
            assert_eq!(Receiver::by_nothing().await.unwrap().0, 0);
        }

        #[tokio::test]
        async fn signatures() {
            assert_eq!(generic([1, 2], 1).await, Ok(2));
            assert_eq!(generic(["a"; 3], 3).await, Err(Error::Own));
            let spawned = tokio::spawn(async { generic([7], 0).await });
            assert_eq!(spawned.await.unwrap(), Ok(7), "still `Send`");
            assert_eq!(lifetimes("a", "b").await, Ok(("a", "b")));
            assert_eq!(elided("abc").await, Ok("bc"));
            assert_eq!(impl_in_and_out(0..3).await.unwrap().count(), 6);
            assert_eq!(patterns((1, 2), [3, 0, 0], Receiver(4), "").await, Ok(11));
            assert_eq!(configured(1).await, Ok(1));
        }

        #[tokio::test]
        async fn bodies() {
            assert_eq!(inner_attributes().await, Ok(1));
            assert_eq!(items_within().await, Ok(2));
            assert_eq!(colliding(1, 2, 3, 4, 5, 6).await, Ok(21));
            assert_eq!((returns_within(2).await, returns_within(3).await), (Ok(2), Err(Error::Own)));
            assert_eq!((option(Some(1)).await, option(None).await), (Some(2), None));
            assert_eq!(not_send().await, Ok(4));
            assert_eq!(by_macro(1).await, Ok(1));
            assert_eq!((without_prelude::load(2).await, shadowed::load(3).await), (Ok(2), Ok(3)));
        }

        #[tokio::test]
        async fn futures() {
            assert_eq!(opaque(&1).await, Ok(1));
            assert_eq!((boxed(&2).await, boxed(&0).await), (Ok(2), Err(Error::Own)));
            assert_eq!((ready(3).await, ready(0).await), (Ok(3), Err(Error::Own)));
        }

        #[tokio::test]
        async fn traits() {
            let mut receiver = Receiver(1);
            assert_eq!(Native::provided(&receiver).await, Ok(2));
            assert_eq!(Native::required(&receiver).await, Ok(1));
            assert_eq!(Boxed::provided(&receiver, "ab").await, Ok(3));
            let object: &mut dyn Boxed = &mut receiver;
            assert_eq!(object.required().await, Ok(2));
        }

        /// A guard is busy when its function calls itself; each call is an `Ok` all the same.
        #[tokio::test]
        async fn recursion() {
            for depth in [recursion_above(2).await.unwrap(), recursion_below(2).await.unwrap()] {
                assert!(depth == 2 || depth == 101, "{}", depth);
            }
        }
    };
}
