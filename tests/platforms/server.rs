//! The server: started, seeded through its own admin API, asked what it knows, stopped.

use anyhow::{Context, Result, bail, ensure};
use connectors::http::{Effect, HttpRequest};
use connectors::transport::{Route, Timing, Transport};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a start may take on a busy computer.
const START: Duration = Duration::from_secs(120);

/// A running server; it ends with this value, and with the process that holds it.
pub struct Server {
    child: Child,
    /// Its address.
    pub base: String,
    folder: PathBuf,
    transport: Transport,
    admin: Mutex<String>,
}

/// A visitor's session: the shop API knows the cart by it.
pub type Session = String;

impl Server {
    /// Starts a server on a free port, its data in `folder`.
    pub fn start(folder: &Path) -> Result<Self> {
        let home = std::env::var("SUANPAN_VENDURE")
            .context("SUANPAN_VENDURE names no folder: run `make test-platforms`")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendure/server.mjs");
        let log = std::fs::File::create(folder.join("server.log"))?;
        let child = Command::new("node")
            .arg(script)
            .args([&port.to_string(), &folder.display().to_string()])
            .env("SUANPAN_VENDURE", home)
            .env("VENDURE_DISABLE_TELEMETRY", "true")
            // Its input stays open as long as we live: then it ends by itself.
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("node does not start")?;
        let transport = Transport::new(Timing::default(), &Route::Direct)?;
        let base = format!("http://127.0.0.1:{port}");
        let (folder, admin) = (folder.to_owned(), Mutex::default());
        let mut server = Self { child, base, folder, transport, admin };
        server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<()> {
        let began = Instant::now();
        loop {
            let request = HttpRequest::get(format!("{}/health", self.base));
            let reply = self.transport.send(domain::Channel::Shop, &request);
            if reply.is_ok_and(|reply| reply.answer.status == 200) {
                return Ok(());
            }
            let ended = self.child.try_wait()?;
            if ended.is_some() || began.elapsed() > START {
                let log = std::fs::read_to_string(self.folder.join("server.log"))?;
                bail!("the server did not start ({ended:?}):\n{log}");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn ask(
        &self,
        api: &str,
        token: &str,
        query: &str,
        variables: Value,
    ) -> Result<(Value, String)> {
        let body = json!({ "query": query, "variables": variables }).to_string().into_bytes();
        let mut request = HttpRequest::post(format!("{}/{api}", self.base), body, Effect::Changes)
            .with("Content-Type", "application/json");
        if !token.is_empty() {
            request = request.with("Authorization", format!("Bearer {token}"));
        }
        let reply = self.transport.send(domain::Channel::Shop, &request)?;
        let answer: Value = serde_json::from_slice(&reply.answer.body)?;
        ensure!(answer["errors"].is_null(), "{query}: {}", answer["errors"]);
        let given = reply.answer.header("vendure-auth-token").unwrap_or(token).to_owned();
        Ok((answer["data"].clone(), given))
    }

    /// Asks the admin API as its owner; an answer that names an error is one.
    pub fn admin(&self, query: &str, variables: Value) -> Result<Value> {
        let answer = self.admin_raw(query, variables)?;
        ensure!(answer["errorCode"].is_null() && answer["transitionError"].is_null(), "{answer}");
        Ok(answer)
    }

    /// As [`Self::admin`]; an error that is an answer is handed back.
    pub fn admin_raw(&self, query: &str, variables: Value) -> Result<Value> {
        let token = self.admin.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (answer, given) = self.ask("admin-api", &token, query, variables)?;
        *self.admin.lock().unwrap_or_else(PoisonError::into_inner) = given;
        // Every question here is about one thing.
        let only = answer.as_object().and_then(|answer| answer.values().next());
        only.cloned().context("an empty answer")
    }

    /// The server's clock, UTC milliseconds.
    pub fn now_ms(&self) -> Result<i64> {
        let request = HttpRequest::get(format!("{}/health", self.base));
        let reply = self.transport.send(domain::Channel::Shop, &request)?;
        reply.answer.date_ms().context("an answer without a date")
    }

    /// Makes a shop that sells tea in yuan; returns a key for its orders.
    pub fn seed(&self) -> Result<String> {
        let login = "mutation{login(username:\"superadmin\",password:\"superadmin\"){__typename}}";
        self.admin(login, json!({}))?;
        let zone =
            self.admin("mutation{createZone(input:{name:\"CN\",memberIds:[]}){id}}", json!({}))?;
        let zone = &zone["id"];
        let name = |text: &str| json!([{ "languageCode": "en", "name": text, "description": "" }]);
        let country = json!({ "code": "CN", "enabled": true,
            "translations": [{ "languageCode": "en", "name": "China" }] });
        let country = self.admin(
            "mutation($i:CreateCountryInput!){createCountry(input:$i){id}}",
            json!({ "i": country }),
        )?;
        self.admin(
            "mutation($z:ID!,$m:[ID!]!){addMembersToZone(zoneId:$z,memberIds:$m){id}}",
            json!({ "z": zone, "m": [country["id"]] }),
        )?;
        self.admin(
            "mutation($i:UpdateChannelInput!){updateChannel(input:$i){__typename}}",
            json!({ "i": { "id": "1", "defaultTaxZoneId": zone, "defaultShippingZoneId": zone,
                "defaultCurrencyCode": "CNY", "availableCurrencyCodes": ["CNY"],
                "pricesIncludeTax": true } }),
        )?;
        let tax = self.admin(
            "mutation{createTaxCategory(input:{name:\"T\",isDefault:true}){id}}",
            json!({}),
        )?;
        self.admin(
            "mutation($i:CreateTaxRateInput!){createTaxRate(input:$i){id}}",
            json!({ "i": { "name": "13 %", "enabled": true, "value": 13,
                "categoryId": tax["id"], "zoneId": zone } }),
        )?;
        self.admin(
            "mutation($i:CreateShippingMethodInput!){createShippingMethod(input:$i){id}}",
            json!({ "i": { "code": "standard", "fulfillmentHandler": "manual-fulfillment",
                "checker": { "code": "default-shipping-eligibility-checker",
                    "arguments": [{ "name": "orderMinimum", "value": "0" }] },
                "calculator": { "code": "default-shipping-calculator", "arguments": [
                    { "name": "rate", "value": "500" }, { "name": "includesTax", "value": "auto" },
                    { "name": "taxRate", "value": "0" }] },
                "translations": name("Standard") } }),
        )?;
        self.admin(
            "mutation($i:CreatePaymentMethodInput!){createPaymentMethod(input:$i){id}}",
            json!({ "i": { "code": "card", "enabled": true, "translations": name("Card"),
                "handler": { "code": "card", "arguments": [] } } }),
        )?;
        let product = json!({ "enabled": true, "translations":
            [{ "languageCode": "en", "name": "Tea", "slug": "tea", "description": "" }] });
        let product = self.admin(
            "mutation($i:CreateProductInput!){createProduct(input:$i){id}}",
            json!({ "i": product }),
        )?;
        self.admin(
            "mutation($i:[CreateProductVariantInput!]!){createProductVariants(input:$i){id}}",
            json!({ "i": [{ "productId": product["id"], "sku": "TEA-1", "price": 1250,
                "taxCategoryId": tax["id"], "stockOnHand": 100_000,
                "translations": [{ "languageCode": "en", "name": "Tea" }] }] }),
        )?;
        let key = self.admin(
            "mutation($i:CreateApiKeyInput!){createApiKey(input:$i){apiKey}}",
            json!({ "i": { "roleIds": ["1"],
                "translations": [{ "languageCode": "en", "name": "books" }] } }),
        )?;
        Ok(key["apiKey"].as_str().context("no key")?.to_owned())
    }

    fn shop(&self, session: &mut Session, query: &str, variables: Value) -> Result<Value> {
        let (answer, given) = self.ask("shop-api", session, query, variables)?;
        *session = given;
        let only = answer.as_object().and_then(|answer| answer.values().next()).cloned();
        let only = only.context("an empty answer")?;
        ensure!(only["errorCode"].is_null(), "{query}: {only}");
        Ok(only)
    }

    /// A cart with some tea, and the session it is known by.
    pub fn cart(&self, count: u32) -> Result<(Session, Value)> {
        let mut session = Session::new();
        let cart = self.shop(
            &mut session,
            "mutation($n:Int!){addItemToOrder(productVariantId:\"1\",quantity:$n)\
             {...on Order{id code totalWithTax lines{id}} ...on ErrorResult{errorCode}}}",
            json!({ "n": count }),
        )?;
        Ok((session, cart))
    }

    /// A placed order, paid as `outcome` says.
    pub fn sell(&self, count: u32, outcome: &str) -> Result<Value> {
        let (mut session, cart) = self.cart(count)?;
        let code = cart["code"].as_str().context("no code")?.to_lowercase();
        self.shop(
            &mut session,
            "mutation($e:String!){setCustomerForOrder(input:{firstName:\"Ada\",lastName:\"Peer\",\
             emailAddress:$e}){__typename ...on ErrorResult{errorCode}}}",
            json!({ "e": format!("{code}@peer.test") }),
        )?;
        self.shop(
            &mut session,
            "mutation{setOrderShippingAddress(input:{fullName:\"Ada Peer\",streetLine1:\"1\",\
             city:\"Town\",postalCode:\"1\",countryCode:\"CN\"})\
             {__typename ...on ErrorResult{errorCode}}}",
            json!({}),
        )?;
        self.shop(
            &mut session,
            "mutation{setOrderShippingMethod(shippingMethodId:[\"1\"])\
             {__typename ...on ErrorResult{errorCode}}}",
            json!({}),
        )?;
        self.shop(
            &mut session,
            "mutation{transitionOrderToState(state:\"ArrangingPayment\")\
             {__typename ...on ErrorResult{errorCode}}}",
            json!({}),
        )?;
        if outcome == "decline" {
            let pay = "mutation($m:JSON!){addPaymentToOrder(input:{method:\"card\",metadata:$m})\
                       {__typename ...on ErrorResult{message}}}";
            let declined = json!({ "m": { "outcome": "decline" } });
            self.shop(&mut session, pay, declined)?;
        }
        let placed = self.shop(
            &mut session,
            "mutation($m:JSON!){addPaymentToOrder(input:{method:\"card\",metadata:$m})\
             {...on Order{id code totalWithTax lines{id} payments{id state}} \
             ...on ErrorResult{errorCode}}}",
            json!({ "m": { "outcome": if outcome == "decline" { "settle" } else { outcome } } }),
        )?;
        Ok(placed)
    }

    /// Many small orders, one after the other.
    pub fn sell_many(&self, count: u32) -> Result<()> {
        (0..count).try_for_each(|_| self.sell(1, "settle").map(drop))
    }

    /// Captured and refunded minor units by order number, as the admin API has them, asked order by
    /// order in another way than the connector asks.
    pub fn money(&self) -> Result<BTreeMap<String, (i64, i64)>> {
        let mut money = BTreeMap::new();
        let mut skip = 0;
        loop {
            let list = self.admin(
                "query($s:Int!){orders(options:{take:100,skip:$s,sort:{id:ASC}}){totalItems items{\
                 code active payments{state amount refunds{state total}}}}}",
                json!({ "s": skip }),
            )?;
            let items = list["items"].as_array().context("no list")?;
            for order in items.iter().filter(|order| order["active"] == false) {
                let none = Vec::new();
                let payments = order["payments"].as_array().unwrap_or(&none);
                let settled = |item: &&Value| item["state"] == "Settled";
                let taken = payments.iter().filter(settled).filter_map(|p| p["amount"].as_i64());
                let back = payments.iter().flat_map(|p| p["refunds"].as_array().unwrap_or(&none));
                let back = back.filter(settled).filter_map(|refund| refund["total"].as_i64());
                let code = order["code"].as_str().context("no code")?.to_owned();
                money.insert(code, (taken.sum(), back.sum()));
            }
            skip += items.len();
            if items.is_empty() || Some(skip as u64) >= list["totalItems"].as_u64() {
                return Ok(money);
            }
        }
    }

    /// What the made-up payment service was asked for, by order number.
    pub fn moves(&self) -> Result<BTreeMap<String, (i64, i64)>> {
        let mut money: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for line in std::fs::read_to_string(self.folder.join("moves.jsonl"))?.lines() {
            let row: Value = serde_json::from_str(line)?;
            let order = row["order"].as_str().context("no order")?.to_owned();
            let amount = row["amount"].as_i64().context("no amount")?;
            let (captured, refunded) = money.entry(order).or_default();
            match row["kind"].as_str() {
                Some("capture") => *captured += amount,
                _ => *refunded += amount,
            }
        }
        Ok(money)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ours, by its own handle; it may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
