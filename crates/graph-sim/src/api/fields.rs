//! `fields=`: names, nested fields and modifiers ("Field expansion" of the Graph API guides).

use std::fmt;

use super::error::GraphError;

/// `messages.limit(25).as(newest){id,message}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) modifiers: Vec<(String, String)>,
    /// `None`: no braces, the default fields.
    pub(crate) fields: Option<Vec<Field>>,
}

const MOST_FIELDS: usize = 1_000;
const MOST_NESTING: usize = 10;

impl Field {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), modifiers: Vec::new(), fields: None }
    }

    pub(crate) fn modifier(&self, name: &str) -> Option<&str> {
        self.modifiers.iter().find(|(known, _)| known == name).map(|(_, argument)| argument.as_str())
    }

    /// The key in the answer: the name, or what `.as(…)` says.
    pub(crate) fn key(&self) -> &str {
        self.modifier("as").unwrap_or(&self.name)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        for (name, argument) in &self.modifiers {
            write!(formatter, ".{name}({argument})")?;
        }
        match &self.fields {
            Some(fields) => write!(formatter, "{{{}}}", joined(fields)),
            None => Ok(()),
        }
    }
}

/// The text that parses to these fields.
pub(crate) fn joined(fields: &[Field]) -> String {
    fields.iter().map(Field::to_string).collect::<Vec<_>>().join(",")
}

pub(crate) fn parse(text: &str) -> Result<Vec<Field>, GraphError> {
    let mut parser = Parser { characters: text.chars().collect(), position: 0, count: 0 };
    let fields = parser.list(0)?;
    if parser.position < parser.characters.len() {
        return Err(parser.error("Expected end of string."));
    }
    Ok(fields)
}

struct Parser {
    characters: Vec<char>,
    position: usize,
    count: usize,
}

impl Parser {
    fn list(&mut self, depth: usize) -> Result<Vec<Field>, GraphError> {
        if depth > MOST_NESTING {
            return Err(self.error("Too many levels of nesting."));
        }
        let mut fields = Vec::new();
        loop {
            self.spaces();
            // A trailing comma is forgiven.
            if matches!(self.peek(), None | Some('}')) {
                return Ok(fields);
            }
            fields.push(self.field(depth)?);
            self.spaces();
            if !self.take(',') {
                return Ok(fields);
            }
        }
    }

    fn field(&mut self, depth: usize) -> Result<Field, GraphError> {
        self.count += 1;
        if self.count > MOST_FIELDS {
            return Err(self.error("Too many fields."));
        }
        let mut field = Field { name: self.word()?, modifiers: Vec::new(), fields: None };
        loop {
            self.spaces();
            if self.take('.') {
                let name = self.word()?;
                let argument = self.argument()?;
                field.modifiers.push((name, argument));
            } else if field.fields.is_none() && self.take('{') {
                let fields = self.list(depth + 1)?;
                if !self.take('}') {
                    return Err(self.error("Expected closing brace."));
                }
                field.fields = Some(fields);
            } else {
                return Ok(field);
            }
        }
    }

    fn word(&mut self) -> Result<String, GraphError> {
        let start = self.position;
        while self.peek().is_some_and(|next| next.is_ascii_alphanumeric() || next == '_') {
            self.position += 1;
        }
        if self.position == start {
            return Err(self.error("Expected name."));
        }
        Ok(self.characters.get(start..self.position).unwrap_or_default().iter().collect())
    }

    fn argument(&mut self) -> Result<String, GraphError> {
        if !self.take('(') {
            return Err(self.error("Expected opening parenthesis."));
        }
        let start = self.position;
        while self.peek().is_some_and(|next| next != ')') {
            self.position += 1;
        }
        let argument = self.characters.get(start..self.position).unwrap_or_default().iter().collect();
        if self.take(')') { Ok(argument) } else { Err(self.error("Expected closing parenthesis.")) }
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.position += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.position += 1;
        }
        found
    }

    fn error(&self, problem: &str) -> GraphError {
        GraphError::syntax(problem, self.position)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_field() -> impl Strategy<Value = Field> {
        let name = "[a-z_]{1,12}";
        let modifiers = prop::collection::vec((name, "[A-Za-z0-9=]{0,8}"), 0..3);
        let leaf = (name, modifiers.clone()).prop_map(|(name, modifiers)| Field { name, modifiers, fields: None });
        leaf.prop_recursive(4, 24, 4, move |inner| {
            (name, modifiers.clone(), prop::option::of(prop::collection::vec(inner, 0..4)))
                .prop_map(|(name, modifiers, fields)| Field { name, modifiers, fields })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_parses_back(fields in prop::collection::vec(any_field(), 0..5)) {
            prop_assert_eq!(parse(&joined(&fields)).unwrap(), fields);
        }

        #[test]
        fn any_text_parses_or_is_refused(text in "[a-z,.(){} 0-9é]{0,60}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn nested_fields_with_modifiers() {
        let fields = parse("id, messages.limit(25){id,message,from},participants").unwrap();
        assert_eq!(fields.len(), 3);
        assert_eq!(fields[1].modifier("limit"), Some("25"));
        assert_eq!(fields[1].fields.as_ref().unwrap()[2], Field::named("from"));
        assert!(parse("id,messages{id").is_err());
        assert!(parse("id}").is_err());
        assert!(parse(&"a{".repeat(1_000)).is_err());
    }
}
