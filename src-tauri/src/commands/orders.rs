//! Orders: what the shop says, and what the bills say of their money.

use crate::commands::lists::PAGE_MAX;
use crate::desk::Desk;
use backoffice::dto::{Failure, OrderPage, OrderQuery, OrderStoryView};
use backoffice::orders;
use tauri::State;

/// A page of orders in the order asked for.
#[tauri::command]
pub async fn list_orders(
    desk: State<'_, Desk>,
    query: OrderQuery,
    cursor: Option<String>,
    limit: u32,
) -> Result<OrderPage, Failure> {
    desk.run(move |desk| {
        let mut reader = desk.office()?.reader()?;
        let (filter, limit) = (query.filter()?, limit.min(PAGE_MAX));
        let page = orders::list_orders(&mut reader, &filter, cursor.as_deref(), limit)?;
        let rows = page.rows.into_iter().map(Into::into).collect();
        Ok(OrderPage { rows, next: page.next })
    })
    .await
}

/// One order by its number, from its making to the bank.
#[tauri::command]
pub async fn order_story(desk: State<'_, Desk>, number: String) -> Result<OrderStoryView, Failure> {
    desk.run(move |desk| Ok(orders::story(&mut desk.office()?.reader()?, &number)?.into())).await
}
