//! Questions to files of records: the answer is the files' alone.

use tempfile::TempDir;

use crate::bench::ended;
use crate::sandbox::waitwise;

#[tokio::test]
async fn neither_threads_nor_the_order_of_files_show_in_the_answer() {
    let folder = TempDir::new().unwrap();
    let mut files = Vec::new();
    // Large enough that each is read in several pieces, by whichever thread is free.
    for (seed, name) in [(3, "a.ndjson"), (4, "b.ndjson.gz"), (5, "c.ndjson.zst")] {
        let file = folder.path().join(name);
        let line = format!("sandbox export {} --size 2MB --seed {seed}", file.display());
        ended(waitwise(&line)).await.with(0);
        files.push(file.display().to_string());
    }
    for format in ["csv", "json"] {
        let mut answers = Vec::new();
        for threads in [1, 2, 8] {
            for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
                let [one, two, three] = order.map(|place: usize| &files[place]);
                let line = format!(
                    "analyze --input {one} {two} {three} --group-by queue,skill,wrap-up,hour-of-week \
                     --threads {threads} --output {format}"
                );
                answers.push(ended(waitwise(&line)).await.with(0).stdout);
            }
        }
        assert!(answers[0].len() > 10_000, "{}", answers[0]);
        let same = answers.iter().filter(|answer| **answer == answers[0]);
        assert_eq!(same.count(), answers.len(), "{format}");
    }
}
