package io.tokenflex.jobs.pages.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.Locale;
import java.util.function.Supplier;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** What is true of every page, whatever texts it shows. */
public final class PageAssertions {
  private PageAssertions() {}

  /** Parses a page as XML, which only well-formed ones survive. */
  public static Document parse(String page) {
    try {
      DocumentBuilder parser = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
      parser.setErrorHandler(null); // it throws; the default also prints
      return parser.parse(new InputSource(new StringReader(page)));
    } catch (SAXException e) {
      throw new AssertionError("The page is not well-formed: " + e.getMessage(), e);
    } catch (IOException | ParserConfigurationException e) {
      throw new AssertionError(e);
    }
  }

  /** Texts are shown as texts: none of them has become an element or an attribute. */
  public static void showsHostileTextsAsTexts(String page) {
    Document document = parse(page);
    assertThat(document.getElementsByTagName("script").getLength()).isZero();
    NodeList all = document.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      Element element = (Element) all.item(i);
      assertThat(element.hasAttribute("onerror"))
          .as("<%s onerror>", element.getTagName())
          .isFalse();
    }
    assertThat(document.getDocumentElement().getTextContent())
        .contains("<script>alert('hostile')</script>", "${1 + 1} <#if>", "\ud83d\ude00", "&amp;")
        .doesNotContain("\u0000", "\u0007", "\u001b", "\u0085", "\ufffe");
  }

  /** The page of a machine in Egypt, whose numbers have other digits, is the same. */
  public static void isTheSameUnderAnotherLocale(Supplier<String> page) {
    Locale before = Locale.getDefault();
    String here = page.get();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(String.format(Locale.getDefault(), "%d", 12)).isNotEqualTo("12");
      assertThat(page.get()).isEqualTo(here);
    } finally {
      Locale.setDefault(before);
    }
  }
}
