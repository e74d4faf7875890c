//! The licence header of Rust files. Year and owner stand in PROJECT, so that
//! no command depends on the clock.

/// Which text the header holds; the values of `--license`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum License {
    /// Copyright line and the notice of the Apache licence, version 2.0.
    #[default]
    Apache2,
    /// Copyright line and the SPDX name of the MIT licence.
    Mit,
    /// The copyright line alone.
    Copyright,
    /// No header.
    None,
    /// The text of `--license-file`.
    File,
}

/// All that the header needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseHeader {
    /// Which text.
    pub license: License,
    /// Who holds the copyright; may be empty.
    pub owner: String,
    /// The year in the copyright line.
    pub year: String,
    /// The text itself, for [`License::File`].
    pub text: String,
}

const APACHE: &str = "Licensed under the Apache License, Version 2.0 (the \"License\");
you may not use this file except in compliance with the License.
You may obtain a copy of the License at

    http://www.apache.org/licenses/LICENSE-2.0

Unless required by applicable law or agreed to in writing, software
distributed under the License is distributed on an \"AS IS\" BASIS,
WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
See the License for the specific language governing permissions and
limitations under the License.";

impl License {
    /// The word that stands in PROJECT and after `--license`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apache2 => "apache2",
            Self::Mit => "mit",
            Self::Copyright => "copyright",
            Self::None => "none",
            Self::File => "file",
        }
    }

    /// Reads the word; no word means the default.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "" | "apache2" => Some(Self::Apache2),
            "mit" => Some(Self::Mit),
            "copyright" => Some(Self::Copyright),
            "none" => Some(Self::None),
            "file" => Some(Self::File),
            _ => None,
        }
    }
}

impl LicenseHeader {
    /// The header's lines, without comment signs. Empty when there is none.
    pub fn lines(&self) -> Vec<String> {
        let text = match self.license {
            License::None => return Vec::new(),
            License::File => self.text.clone(),
            License::Copyright => self.copyright(),
            License::Mit => format!("{}\nSPDX-License-Identifier: MIT", self.copyright()),
            License::Apache2 => format!("{}\n\n{APACHE}", self.copyright()),
        };
        text.lines().map(str::trim_end).map(str::to_owned).collect()
    }

    /// The header as Rust line comments, ended by an empty line; empty when there is none.
    pub fn rust_comment(&self) -> String {
        let lines = self.lines();
        if lines.is_empty() {
            return String::new();
        }
        let comment = |line: &String| format!("// {line}").trim_end().to_owned() + "\n";
        lines.iter().map(comment).collect::<String>() + "\n"
    }

    fn copyright(&self) -> String {
        let line = format!("Copyright {} {}", self.year, self.owner);
        line.trim_end().trim_end_matches('.').to_owned() + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(license: License, owner: &str) -> LicenseHeader {
        let (owner, year) = (owner.to_owned(), "2026".to_owned());
        LicenseHeader {
            license,
            owner,
            year,
            text: "Mine\n\nall mine".to_owned(),
        }
    }

    #[test]
    fn each_licence_has_its_header() {
        let comment = |license, owner| header(license, owner).rust_comment();
        assert_eq!(comment(License::None, "A"), "");
        assert_eq!(comment(License::Copyright, ""), "// Copyright 2026.\n\n");
        assert_eq!(comment(License::Copyright, "A"), "// Copyright 2026 A.\n\n");
        assert_eq!(comment(License::File, "A"), "// Mine\n//\n// all mine\n\n");
        assert!(comment(License::Apache2, "A").ends_with("// limitations under the License.\n\n"));
    }

    #[test]
    fn words_read_back() {
        for license in [
            License::Apache2,
            License::Mit,
            License::Copyright,
            License::None,
            License::File,
        ] {
            assert_eq!(License::parse(license.as_str()), Some(license));
        }
        assert_eq!(License::parse("gpl"), None);
    }
}
