use std::time::Duration;

use crate::rig::{Rig, SKILLS};

#[tokio::test]
async fn a_tokens_minute_is_counted_on_the_service_clock() {
    let rig = Rig::with(|options| options.requests_per_minute = 3).await;
    let marks = |seen: &crate::rig::Seen| {
        ["count", "allowed", "reset"]
            .map(|key| seen.header(&format!("inin-ratelimit-{key}")).to_owned())
    };
    assert_eq!(marks(&rig.get(SKILLS).await), ["1", "3", "60"]);
    rig.clock.advance(Duration::from_millis(20_500));
    assert_eq!(marks(&rig.get(SKILLS).await), ["2", "3", "40"]);
    rig.get("/nowhere").await.refused(404, "not.found");
    let over = rig.get(SKILLS).await;
    let message = over.refused(429, "too.many.requests.retry.after");
    assert_eq!(
        message,
        "Rate limit exceeded the maximum. Retry the request in [40] seconds"
    );
    assert_eq!(
        (over.header("retry-after"), marks(&over)),
        ("40", ["4", "3", "40"].map(str::to_owned))
    );
    assert_eq!(over.json()["limit"]["value"], 3);

    rig.sandbox.advance(Duration::from_secs(3_600));
    rig.get(SKILLS)
        .await
        .refused(429, "too.many.requests.retry.after");
    rig.clock.advance(Duration::from_secs(39));
    rig.get(SKILLS)
        .await
        .refused(429, "too.many.requests.retry.after");
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(marks(&rig.get(SKILLS).await), ["1", "3", "60"]);
}

#[tokio::test]
async fn another_token_has_its_own_minute() {
    let rig = Rig::with(|options| options.requests_per_minute = 2).await;
    rig.get(SKILLS).await;
    rig.get(SKILLS).await;
    rig.get(SKILLS)
        .await
        .refused(429, "too.many.requests.retry.after");
    assert_eq!(rig.sign_in().await.status, 200);
    assert_eq!(rig.get(SKILLS).await.status, 200);
    assert_eq!(
        rig.sign_in().await.status,
        429,
        "sign-ins are counted together"
    );
}
