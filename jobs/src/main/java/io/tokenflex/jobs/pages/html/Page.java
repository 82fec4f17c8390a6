package io.tokenflex.jobs.pages.html;

import freemarker.cache.ClassTemplateLoader;
import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapperBuilder;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * Makes a page of a FreeMarker template and a view model.
 *
 * <p>Templates ({@code .ftlh}) hold the HTML and escape every value; view models are records of
 * texts and numbers. A page is well-formed XML, needs no other file and no network, and is the same
 * under every locale.
 */
public final class Page {
  private static final Version VERSION = Configuration.VERSION_2_3_34;
  private static final Configuration TEMPLATES = configuration();

  private Page() {}

  /**
   * Fills a template.
   *
   * @param owner the template lies among the resources of its package
   * @param view is the variable {@code view} of the template; public records
   */
  public static String render(Class<?> owner, String template, Object view) {
    String path = owner.getPackageName().replace('.', '/') + "/" + template;
    StringWriter page = new StringWriter();
    try {
      TEMPLATES.getTemplate(path).process(Map.of("view", view, "css", css()), page);
    } catch (IOException | TemplateException e) {
      throw new IllegalStateException("The template " + path + " cannot be filled", e);
    }
    return withoutIllegalCharacters(page.toString());
  }

  private static Configuration configuration() {
    Configuration templates = new Configuration(VERSION);
    templates.setTemplateLoader(new ClassTemplateLoader(Page.class.getClassLoader(), ""));
    templates.setDefaultEncoding("UTF-8");
    templates.setLocale(Locale.ROOT);
    templates.setLocalizedLookup(false);
    templates.setNumberFormat("c");
    templates.setObjectWrapper(new DefaultObjectWrapperBuilder(VERSION).build());
    templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    templates.setLogTemplateExceptions(false);
    templates.setWrapUncheckedExceptions(true);
    templates.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    return templates;
  }

  /** What XML does not allow, and what browsers would not show, becomes U+FFFD. */
  private static String withoutIllegalCharacters(String page) {
    StringBuilder legal = new StringBuilder(page.length());
    page.codePoints()
        .forEach(point -> legal.appendCodePoint(HumanText.isCharacter(point) ? point : 0xfffd));
    return legal.toString();
  }

  private static String css() {
    try (InputStream in = Page.class.getResourceAsStream("page.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("page.css is not in the jar", e);
    }
  }
}
