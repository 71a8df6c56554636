//! Against the sandbox: its records and its aggregates tell one story, up to this moment.

use waitwise_app::history::{History, Wanted, check, pull};
use waitwise_app::model::{Clock, Window};
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

use crate::texts;

#[tokio::test]
async fn a_pull_agrees_with_the_aggregates_and_nobodys_customer_is_on_disk() {
    for seed in [1, 2, 3] {
        let rig = Rig::with(SandboxOptions {
            seed,
            history_days: 7,
            ..SandboxOptions::default()
        })
        .await;
        let client = rig.read_with(rig.platform_settings());
        let history = History::at(rig.dir().join("history"));
        let window = Window::days_before(rig.clock.now(), 3).unwrap();
        let queues = vec![rig.queue()];
        let wanted = Wanted { queues, window };
        let pulled = pull(&client, &*rig.clock, &history, &wanted, &|_| ()).await;
        let pulled = pulled.unwrap();
        assert!(pulled.days.iter().any(|proof| proof.legs > 0));
        assert_eq!(pulled.sharing.len(), 1, "the back office shares agents");
        let rejected: Vec<_> = pulled.days.iter().flat_map(|day| &day.rejected).collect();
        assert!(rejected.is_empty(), "{rejected:?}");
        let comparison = check(&client, &history, &wanted).await.unwrap();
        let residual: Vec<_> = comparison.residual().collect();
        assert!(residual.is_empty(), "seed {seed}: {residual:#?}");
        assert!(!comparison.numbers.is_empty());
        for (path, text) in texts(history.dir()) {
            let text = text.to_lowercase();
            let told = ["canary", "tel:", "example.org"]
                .iter()
                .find(|word| text.contains(**word));
            assert_eq!(told, None, "{}", path.display());
        }
    }
}
