//! Taking money at the counter.

use crate::desk::{Desk, now_ms};
use backoffice::collect::{self, Wanted};
use backoffice::dto::{CollectionView, CounterPage, Failure, paid_of};
use backoffice::{BusinessDate, practice_shop};
use tauri::State;

/// The counters, what was asked for today, and what has no known end.
#[tauri::command]
pub async fn counter_page(desk: State<'_, Desk>) -> Result<CounterPage, Failure> {
    desk.run(|desk| {
        let office = desk.office()?;
        let (mut reader, now_ms) = (office.reader()?, now_ms());
        let today = collect::collected_on(&mut reader, BusinessDate::of_ms(now_ms))?;
        let open = collect::open_collections(&mut reader)?;
        let view = |each| CollectionView::new(each, now_ms);
        Ok(CounterPage {
            counters: collect::counters(&mut reader)?.into_iter().map(Into::into).collect(),
            paid: paid_of(&today),
            today: today.into_iter().map(view).collect(),
            open: open.into_iter().map(view).collect(),
            can_practice: practice_shop::is_demo(&office)?,
        })
    })
    .await
}

/// Asks a buyer for money. The same nonce again answers with the same collection.
#[tauri::command]
pub async fn begin_collection(
    desk: State<'_, Desk>,
    nonce: String,
    connection: i64,
    amount: String,
    note: String,
) -> Result<CollectionView, Failure> {
    desk.run(move |desk| {
        let amount_minor = collect::typed_amount(&amount)?;
        let wanted = Wanted { nonce, connection, amount_minor, note };
        let (office, by) = (desk.office()?, desk.person());
        let begun = collect::begin(office.book(), &wanted, &desk.net(), &now_ms, &by)?;
        Ok(CollectionView::new(begun, now_ms()))
    })
    .await
}

/// Asks the channel now what became of one.
#[tauri::command]
pub async fn ask_collection(desk: State<'_, Desk>, id: i64) -> Result<CollectionView, Failure> {
    desk.run(move |desk| {
        let found = collect::ask(desk.office()?.book(), id, &desk.net(), &now_ms)?;
        Ok(CollectionView::new(found, now_ms()))
    })
    .await
}

/// Gives one up.
#[tauri::command]
pub async fn give_up_collection(desk: State<'_, Desk>, id: i64) -> Result<CollectionView, Failure> {
    desk.run(move |desk| {
        let found = collect::give_up(desk.office()?.book(), id, &desk.net(), &now_ms)?;
        Ok(CollectionView::new(found, now_ms()))
    })
    .await
}

/// The code of one as a drawing.
#[tauri::command]
pub async fn collection_code(desk: State<'_, Desk>, id: i64) -> Result<String, Failure> {
    desk.run(move |desk| collect::drawing(&collect::collection(&mut desk.office()?.reader()?, id)?))
        .await
}

/// Starts the practice platform for the demo company's counter, and connects it.
#[tauri::command]
pub async fn practice_counter(desk: State<'_, Desk>) -> Result<(), Failure> {
    desk.run(|desk| {
        let by = desk.person();
        practice_shop::practice_counter(&*desk.office()?, &now_ms, &by)
    })
    .await
}
