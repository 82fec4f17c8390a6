package io.tokenflex;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.pytorch.jni.KernelBridge;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tokenflex.failure.InvalidInputException;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.tokenflex", KernelBridge.class.getPackageName());

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.tokenflex.(*)..").should().beFreeOfCycles().check(CORE);
  }

  @Test
  void coreKnowsNoSparkHadoopOrParquet() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "org.apache.parquet..")
        .check(CORE);
  }

  @Test
  void onlyKernelsUseTheBridgeIntoDjl() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.tokenflex.kernels", KernelBridge.class.getPackageName())
        .should()
        .dependOnClassesThat()
        .areAssignableTo(KernelBridge.class)
        .check(CORE);
  }

  /** Libraries throw it for other reasons too, so it cannot tell that the input is wrong. */
  @Test
  void wrongInputHasATypeOfItsOwn() {
    noClasses()
        .that()
        .resideInAPackage("io.tokenflex..")
        .and()
        .doNotBelongToAnyOf(InvalidInputException.class)
        .should()
        .callConstructor(IllegalArgumentException.class, String.class)
        .orShould()
        .callConstructor(IllegalArgumentException.class, String.class, Throwable.class)
        .because("io.tokenflex.failure.InvalidInputException says that it was refused on purpose")
        .check(CORE);
  }
}
