//! The shapes that are known.

use super::nested::{self, Member};
use super::shape::Shape;

/// The shapes that are known.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    shapes: Vec<Shape>,
    /// The place of the next one.
    next: usize,
    /// How often one was learnt, or was known already.
    learnt: usize,
}

impl Shapes {
    /// The number of shapes that are known at a time.
    pub(super) const MOST: usize = 8;

    /// The number of shapes that are learnt in all. Objects may never resemble each other.
    const MOST_LEARNT: usize = 64;

    pub(super) fn known(&self) -> &[Shape] {
        &self.shapes
    }

    /// How many may be learnt from one object.
    pub(super) fn to_learn(&self) -> usize {
        Self::MOST.min(Self::MOST_LEARNT - self.learnt)
    }

    /// Keeps the shape of an object with these members, in place of the oldest one.
    ///
    /// Where one with the same names is known, a value that is nested in one of them only, or
    /// differently, is a value like others from now on.
    pub(super) fn learn(&mut self, members: &[Member]) {
        self.learnt += 1;
        let is_like = |shape: &Shape| nested::have_same_names(&shape.members, members);
        let like = self.shapes.iter().position(is_like);
        let shape = match like.map(|index| &self.shapes[index].members) {
            Some(known) => {
                let common = nested::common(known, members);
                if common == *known {
                    return;
                }
                Shape::of(&common)
            }
            None => Shape::of(members),
        };
        let Some(shape) = shape else { return };
        match self.shapes.get_mut(like.unwrap_or(self.next)) {
            Some(known) => *known = shape,
            None => self.shapes.push(shape),
        }
        if like.is_none() {
            self.next = (self.next + 1) % Self::MOST;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::canonical::{Canonical, Scratch, Version};
    use crate::output::Output;

    /// Writes an object that is followed by others.
    fn write(object: &str, scratch: &mut Scratch) -> String {
        let text = object.to_owned() + &" ".repeat(100);
        let mut out = Output::new();
        Canonical::new(&text, &[], |_| false, scratch).write_in_string(0, Version::Only, &mut out);
        out.into_text().unwrap().replace('\\', "")
    }

    /// The pointers to the values of the shape that was learnt first.
    fn first_shape(scratch: &Scratch) -> Vec<&str> {
        let names = scratch.shapes.known()[0].names.iter();
        names.map(|name| str::from_utf8(&name.pointer).unwrap()).collect()
    }

    /// An object inside another one belongs to its shape until one with other members is found.
    #[test]
    fn objects_of_a_shape_have_the_same_objects_inside() {
        let steps: [(&str, &str, &[&str]); 4] = [
            (
                r#"{"id":1,"at":{"street":"a","geo":{"y":1,"x":2}},"l":[7]}"#,
                r#"{"at":{"geo":{"x":2,"y":1},"street":"a"},"id":1,"l":[7]}"#,
                &["/id", "/at/street", "/at/geo/y", "/at/geo/x", "/l"],
            ),
            (
                r#"{"id":2,"at":{"street":"b","geo":{"y":3,"x":4}},"l":[]}"#,
                r#"{"at":{"geo":{"x":4,"y":3},"street":"b"},"id":2,"l":[]}"#,
                &["/id", "/at/street", "/at/geo/y", "/at/geo/x", "/l"],
            ),
            (
                r#"{"id":3,"at":{"street":"c","geo":null},"l":[]}"#,
                r#"{"at":{"geo":null,"street":"c"},"id":3,"l":[]}"#,
                &["/id", "/at/street", "/at/geo", "/l"],
            ),
            (
                r#"{"id":4,"at":{"road":"d"},"l":[]}"#,
                r#"{"at":{"road":"d"},"id":4,"l":[]}"#,
                &["/id", "/at", "/l"],
            ),
        ];
        let mut scratch = Scratch::default();
        for (object, canonical, pointers) in steps {
            assert_eq!(write(object, &mut scratch), canonical);
            assert_eq!(first_shape(&scratch), pointers, "{object}");
        }
    }

    /// What is between two values has 48 bytes at most. Where it would have more, an object inside
    /// another one is a value like others.
    #[test]
    fn objects_with_long_names_are_values() {
        let long = "x".repeat(30);
        let object = format!(r#"{{"{long}":{{"{long}":1}},"short":{{"b":2,"a":3}}}}"#);
        let expected = format!(r#"{{"short":{{"a":3,"b":2}},"{long}":{{"{long}":1}}}}"#);
        let mut scratch = Scratch::default();
        for _ in 0..2 {
            assert_eq!(write(&object, &mut scratch), expected);
        }
        assert_eq!(first_shape(&scratch), [&format!("/{long}"), "/short/b", "/short/a"]);
    }
}
