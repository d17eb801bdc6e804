//! The smallest function that there is, for the bench to compare with: it says hello.

#![allow(unreachable_pub, reason = "the generated macro names its items so")]

#[cfg(target_arch = "wasm32")]
mod door {
    use wasip2::http::types::{
        Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
    };

    struct Hello;

    wasip2::http::proxy::export!(Hello);

    impl wasip2::exports::http::incoming_handler::Guest for Hello {
        fn handle(_request: IncomingRequest, out: ResponseOutparam) {
            let response = OutgoingResponse::new(Fields::new());
            let body = response.body().expect("the body is taken once");
            ResponseOutparam::set(out, Ok(response));
            let stream = body.write().expect("the stream is taken once");
            let _ = stream.blocking_write_and_flush(b"hello\n");
            drop(stream);
            let _ = OutgoingBody::finish(body, None);
        }
    }
}
