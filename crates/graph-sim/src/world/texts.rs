//! What people write to Pages, and what Pages answer.

use super::draw::Draw;

pub(crate) fn customer_text(draw: Draw) -> String {
    if draw.at(0).one_in(40) {
        return draw.at(1).pick(UNUSUAL).copied().unwrap_or_default().to_owned();
    }
    filled(draw.at(2).pick(CUSTOMER).copied().unwrap_or_default(), draw)
}

pub(crate) fn page_text(draw: Draw) -> String {
    filled(draw.at(2).pick(PAGE).copied().unwrap_or_default(), draw)
}

/// `{}` in a sentence becomes a number, so that texts differ.
fn filled(sentence: &str, draw: Draw) -> String {
    match sentence.split_once("{}") {
        Some((before, after)) => format!("{before}{}{after}", 1 + draw.at(3).below(998)),
        None => sentence.to_owned(),
    }
}

const CUSTOMER: &[&str] = &[
    "Hi! Are you open on Sunday?",
    "Do you ship to Denmark? 🇩🇰",
    "I ordered number {} last week and it has not arrived yet.",
    "How much is it for {} pieces?",
    "Thanks a lot, that was quick! 🙏",
    "Can I change the address of order {}?",
    "Do you have this in size {}?",
    "ok",
    "👍",
    "Chào shop, còn hàng không ạ?",
    "Cho mình hỏi giá {} phần bao nhiêu vậy?",
    "Shop giao hàng trong ngày được không ạ? Mình ở quận {}.",
    "Cảm ơn shop nhiều nhé ❤️",
    "Đơn hàng số {} của mình đến đâu rồi?",
    "Hej, har I åbent på lørdag?",
    "Kan jeg bytte den til størrelse {}?",
    "Tusind tak for hjælpen, det var rigtig sødt af jer 😊",
    "Hvornår kommer min pakke? Ordre {}.",
    "Is there parking near the shop? We would come by car with {} people.",
    "My code SAVE{} does not work, it says that it has expired.",
    "Could you send me a picture of the back side, please?",
    "We are {} people and would like a table on Friday at seven. One of us eats no gluten and two are vegetarians, \
     is that all right? We would also bring a small cake, since it is a birthday.",
    "Guten Tag, liefern Sie auch nach Österreich?",
    "مرحبا، هل لديكم خدمة التوصيل؟",
    "line one\nline two\n\nline four",
    "look: https://example.com/p/{}?ref=fb&x=1",
];

const PAGE: &[&str] = &[
    "Hi, thank you for writing to us! We answer as soon as we can.",
    "Yes, we are open from 10 to 18.",
    "Your order {} left our shop this morning.",
    "It is {} kr. including delivery.",
    "You are welcome 😊",
    "Dạ còn hàng ạ, shop gửi mình giá {}k nhé.",
    "Shop cảm ơn bạn, đơn sẽ giao trong hôm nay ạ.",
    "Hej, ja det kan du sagtens. Vi har åbent til kl. 17.",
    "Vi har sendt den i dag, pakkenummer {}.",
    "Could you tell us the number of your order, please?",
    "We have put {} aside for you.",
];

const UNUSUAL: &[&str] = &[
    "<script>alert('hello')</script>",
    "<img src=x onerror=alert(1)> & \"quotes\" 'n stuff \\ backslash",
    "\u{202e}siht daer uoy naC\u{202c} ok?",
    "Z̷̧͓͎̰̈́̂̕a̸͇͐l̴̰̿g̷̟̈́ö̶̬ t̵̢̛e̸̲͝x̶̣̌t̵̻͝",
    "DonaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftDonaudampfschifffahrtselektrizitäten",
    "👨‍👩‍👧‍👦👩🏽‍🚀🏳️‍🌈🇻🇳",
    "'; DROP TABLE messages; --",
    "{{7*7}} ${7*7} %s %n \u{200b}\u{feff}",
    "null",
    "          ",
    "1e309",
];
