//! Several things at once, by one task.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Carries out all of `jobs`, at most `n` at once, and returns what they gave in their order.
///
/// They share the caller's task, so they may borrow from it; whoever drops the future drops those under way.
pub(super) async fn at_most<F: Future>(
    n: usize,
    jobs: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let mut waiting = jobs.into_iter().enumerate().fuse();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut done = Vec::new();
    poll_fn(|context| {
        loop {
            let free = n.saturating_sub(running.len());
            running.extend(
                waiting
                    .by_ref()
                    .take(free)
                    .map(|(idx, job)| (idx, Box::pin(job))),
            );
            let before = done.len();
            poll_each(&mut running, &mut done, context);
            if running.is_empty() && done.len() == before {
                return Poll::Ready(());
            }
            if done.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    done.sort_by_key(|(idx, _)| *idx);
    done.into_iter().map(|(_, output)| output).collect()
}

fn poll_each<F: Future>(
    running: &mut Vec<(usize, Pin<Box<F>>)>,
    done: &mut Vec<(usize, F::Output)>,
    context: &mut Context<'_>,
) {
    running.retain_mut(|(idx, job)| match job.as_mut().poll(context) {
        Poll::Ready(output) => {
            done.push((*idx, output));
            false
        }
        Poll::Pending => true,
    });
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn never_more_than_asked_for_and_all_in_order() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let jobs = (0..10_u64).map(|idx| {
            let (running, most) = (&running, &most);
            async move {
                running.set(running.get() + 1);
                most.set(std::cmp::max(most.get(), running.get()));
                for _ in 0..10 - idx {
                    tokio::task::yield_now().await;
                }
                running.set(running.get() - 1);
                idx
            }
        });
        let given = at_most(4, jobs).await;
        assert_eq!(given, (0..10).collect::<Vec<_>>());
        assert_eq!(most.get(), 4);
    }
}
